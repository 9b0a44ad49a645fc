"""Managers count what is open, and list it by due date, from one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0013_days_of_crews")]

    operations = [
        migrations.AddIndex(
            "issue",
            models.Index(
                condition=models.Q(("is_open", True)),
                fields=["due_at", "id"],
                include=("team", "district", "state", "opened_at"),
                name="issue_open_due",
            ),
        )
    ]
