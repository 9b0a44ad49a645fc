"""The life of a request: its clock, its steps, its closings, and the moves that it may make."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import issues.teams.models

# As issues.lifecycle.states.moves() has them: a test compares.
MOVES = """
assigned>cancelled assigned>duplicate assigned>in_progress assigned>rejected assigned>resolved
assigned>scheduled assigned>triaged assigned>waiting cancelled>reopened confirmed>reopened
duplicate>reopened in_progress>assigned in_progress>cancelled in_progress>duplicate
in_progress>rejected in_progress>resolved in_progress>scheduled in_progress>triaged
in_progress>waiting received>assigned received>cancelled received>duplicate received>in_progress
received>rejected received>resolved received>scheduled received>triaged received>waiting
rejected>reopened reopened>assigned reopened>cancelled reopened>duplicate reopened>in_progress
reopened>rejected reopened>resolved reopened>scheduled reopened>triaged reopened>waiting
resolved>confirmed resolved>reopened scheduled>assigned scheduled>cancelled scheduled>duplicate
scheduled>in_progress scheduled>rejected scheduled>resolved scheduled>triaged scheduled>waiting
triaged>assigned triaged>cancelled triaged>duplicate triaged>in_progress triaged>rejected
triaged>resolved triaged>scheduled triaged>waiting waiting>assigned waiting>cancelled
waiting>duplicate waiting>in_progress waiting>received waiting>rejected waiting>reopened
waiting>scheduled waiting>triaged
"""

FORWARD = f"""
CREATE FUNCTION issue_state_moves() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{{{",".join(MOVES.split())}}}'::text[]
$$;
COMMENT ON FUNCTION issue_state_moves() IS 'Every declared change of state of a request, from>to.';
CREATE FUNCTION refuse_undeclared_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state || '>' || NEW.state <> ALL (issue_state_moves()) THEN
        RAISE EXCEPTION 'a request does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issue_state_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER issue_state_moves BEFORE UPDATE OF state ON issues_issue
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_undeclared_move();
CREATE TRIGGER reason_edited AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON issues_reason
    FOR EACH STATEMENT EXECUTE FUNCTION next_edition();

-- Requests that were open before there were clocks; what is overdue by now has been seen.
INSERT INTO issues_clockrun (issue_id, started_at, due_at, warn_at, alarm_at)
SELECT i.id, i.opened_at, i.due_at, w.warn_at,
       CASE WHEN w.warn_at > n.at THEN w.warn_at WHEN i.due_at > n.at THEN i.due_at END
  FROM issues_issue i
 CROSS JOIN LATERAL (SELECT i.opened_at + (i.due_at - i.opened_at) * 0.8 AS warn_at) w
 CROSS JOIN (SELECT now() AS at) n
 WHERE i.is_open AND i.state <> 'waiting';
"""

BACKWARD = """
DROP TRIGGER reason_edited ON issues_reason;
DROP TRIGGER issue_state_moves ON issues_issue;
DROP FUNCTION refuse_undeclared_move();
DROP FUNCTION issue_state_moves();
DELETE FROM issues_clockrun;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0004_ratings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClockRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(help_text="When the time is up, as it was while this ran.")),
                ("warn_at", models.DateTimeField(help_text="When 80 % of the time had passed.")),
                ("alarm_at", models.DateTimeField(null=True)),
                ("warned_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["started_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="IssueStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("skipped", "skipped")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Its share of the time of the request.")),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "ordering": ["opened_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(help_text="The act, or `unproved`.", max_length=16)),
                ("code", models.SlugField(max_length=40)),
                ("text", models.CharField(max_length=160)),
                (
                    "asks_responsible",
                    models.BooleanField(default=False, help_text="Who is responsible instead?"),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["kind", "position"],
            },
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("photos", models.PositiveSmallIntegerField(default=0)),
                (
                    "distance_m",
                    models.FloatField(help_text="From the place of the request, in metres.", null=True),
                ),
                ("accuracy_m", models.FloatField(null=True)),
                (
                    "missing",
                    models.CharField(
                        blank=True, help_text="photo, position or photo,position.", max_length=20
                    ),
                ),
                (
                    "unproved",
                    models.CharField(blank=True, help_text="A reason of the list unproved.", max_length=40),
                ),
                ("reopened_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.AddField(
            model_name="department",
            name="day_ends",
            field=models.TimeField(default=datetime.time(18, 0)),
        ),
        migrations.AddField(
            model_name="department",
            name="day_starts",
            field=models.TimeField(
                default=datetime.time(8, 0), help_text="When its working day begins, in the city."
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="weekdays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                default=issues.teams.models.monday_to_friday,
                help_text="1 is Monday, 7 Sunday.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="by",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="citizen, staff, system or partner.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="client_id",
            field=models.UUIDField(help_text="Made by the sender; makes an act repeatable.", null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="note",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Words for the reporter and staff, never public.",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="extended_at",
            field=models.DateTimeField(help_text="When its one extension was given.", null=True),
        ),
        migrations.AddField(
            model_name="issue",
            name="resumes_as",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The state in which a wait began.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="proof_distance_m",
            field=models.PositiveSmallIntegerField(
                db_default=100,
                default=100,
                help_text="How far from the place a closing may be proved, in metres.",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="data",
            field=models.JSONField(default=dict, help_text="Facts that the public may read."),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("source", ""), ("state", "resolved")),
                fields=["closed_at", "id"],
                name="issue_unconfirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.CheckConstraint(
                condition=models.Q(("day_ends__gt", models.F("day_starts"))),
                name="department_day_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekdays__contained_by", [1, 2, 3, 4, 5, 6, 7]), ("weekdays__len__gt", 0)
                ),
                name="department_works_some_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id__isnull", False)), fields=("client_id",), name="event_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "received",
                            "triaged",
                            "assigned",
                            "scheduled",
                            "in_progress",
                            "waiting",
                            "reopened",
                            "resolved",
                            "confirmed",
                            "rejected",
                            "duplicate",
                            "cancelled",
                        ),
                    )
                ),
                name="issue_state_declared",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("resumes_as", ""), ("state", "waiting"), _connector="OR"),
                name="issue_resumes_from_waiting",
            ),
        ),
        migrations.AddField(
            model_name="clockrun",
            name="issue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clock",
                to="issues.issue",
            ),
        ),
        migrations.AddField(
            model_name="issuestep",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="issuestep",
            name="issue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="issues.issue",
            ),
        ),
        migrations.AddField(
            model_name="issuestep",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="issues.team",
            ),
        ),
        migrations.AddField(
            model_name="clockrun",
            name="step",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clock",
                to="issues.issuestep",
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(fields=("kind", "code"), name="reason_once"),
        ),
        migrations.AddField(
            model_name="resolution",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="event",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="issues.event"
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="issue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="resolutions",
                to="issues.issue",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="issues.team",
            ),
        ),
        migrations.AddIndex(
            model_name="issuestep",
            index=models.Index(fields=["issue", "id"], name="step_issue"),
        ),
        migrations.AddIndex(
            model_name="issuestep",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["team", "due_at"], name="step_open_team"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuestep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("issue", "code"), name="step_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="step_open_or_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="clockrun",
            index=models.Index(fields=["issue", "id"], name="clock_issue"),
        ),
        migrations.AddIndex(
            model_name="clockrun",
            index=models.Index(
                condition=models.Q(("alarm_at__isnull", False), ("stopped_at__isnull", True)),
                fields=["alarm_at", "issue"],
                name="clock_alarm",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at__isnull", True)),
                fields=("issue", "step"),
                name="clock_runs_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="clockrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stopped_at__isnull", True), ("stopped_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="clock_stops_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["issue", "at"], name="resolution_issue"),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["team", "at"], name="resolution_team"),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing", ""), ("unproved", "")),
                    models.Q(
                        models.Q(("missing", ""), _negated=True), models.Q(("unproved", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="resolution_proved_or_excused",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
