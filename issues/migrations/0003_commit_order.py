"""Events can be read in the order in which they were committed, which ids and times cannot promise."""

from django.db import migrations

FORWARD = """
ALTER TABLE issues_event ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN issues_event.written_in IS
    'The transaction that wrote it. Whoever reads every event below
     pg_snapshot_xmin(pg_current_snapshot()) once, in the order (written_in, id), misses none.';
CREATE INDEX event_written_in ON issues_event (written_in, id);
"""

BACKWARD = """
ALTER TABLE issues_event DROP COLUMN written_in;
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0002_rules_of_the_data")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
