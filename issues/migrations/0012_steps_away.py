"""A step that is with another team than its request is found without reading every open step."""

from django.db import migrations, models

FILL = """
UPDATE issues_issuestep s SET away = true
  FROM issues_issue i
 WHERE i.id = s.issue_id AND s.state = 'open' AND s.team_id <> i.team_id
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0011_moderation")]

    operations = [
        migrations.AddField(
            "issuestep",
            "away",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="While open: with another team than its request is with.",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "issuestep",
            models.Index(
                condition=models.Q(("away", True), ("state", "open")), fields=["team"], name="step_open_away"
            ),
        ),
    ]
