"""When somebody decided what the public may read and see, and what still waits for that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0010_steps_of_a_process"),
    ]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="moderated_at",
            field=models.DateTimeField(help_text="When somebody decided whether it may.", null=True),
        ),
        migrations.AddField(
            model_name="photo",
            name="moderated_at",
            field=models.DateTimeField(help_text="When somebody decided whether it may be shown.", null=True),
        ),
        migrations.AddField(
            model_name="rating",
            name="moderated_at",
            field=models.DateTimeField(help_text="When somebody decided whether they may.", null=True),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(
                    models.Q(("description", ""), _negated=True),
                    ("is_moderated", False),
                    ("moderated_at__isnull", True),
                    ("source", ""),
                ),
                fields=["id"],
                name="issue_unmoderated",
            ),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(
                    ("is_moderated", False), ("issue__isnull", False), ("moderated_at__isnull", True)
                ),
                fields=["issue"],
                name="photo_unmoderated",
            ),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(
                condition=models.Q(
                    models.Q(("words", ""), _negated=True),
                    ("is_moderated", False),
                    ("moderated_at__isnull", True),
                ),
                fields=["issue"],
                name="rating_unmoderated",
            ),
        ),
    ]
