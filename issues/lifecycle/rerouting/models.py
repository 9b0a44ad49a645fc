"""How far a rerouting has come, so that one that was killed goes on where it was."""

from django.db import models
from django.db.models import Q

from issues.teams.models import User


class RerouteRun(models.Model):
    """One pass over the open requests, by id. Its counts and its place move with each batch."""

    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True)
    basis = models.CharField(
        max_length=64, help_text="Digest of rules and published maps; another one starts the pass again."
    )
    last_id = models.BigIntegerField(default=0, help_text="Requests up to this one are done.")
    until_id = models.BigIntegerField(help_text="The newest request when it began; later ones obey already.")
    looked = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    overtaken = models.PositiveIntegerField(
        default=0, help_text="Changed by somebody between the decision and the move: left to them."
    )
    outside = models.PositiveIntegerField(
        default=0, help_text="Whose point no longer lies in the city: left as they are."
    )

    class Meta:
        app_label = "issues"
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at__isnull=True), name="one_reroute_at_a_time"
            )
        ]


__all__ = ["RerouteRun"]
