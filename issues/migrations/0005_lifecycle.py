"""The life of a request: its clock, its steps, its closings, and the moves that it may make."""

from datetime import time

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

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


KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT
STEP_STATES = [("open", "open"), ("done", "done"), ("skipped", "skipped")]
STATES = (
    "received", "triaged", "assigned", "scheduled", "in_progress", "waiting", "reopened", "resolved",
    "confirmed", "rejected", "duplicate", "cancelled",
)  # fmt: skip
WEEKDAYS = django.contrib.postgres.fields.ArrayField(
    base_field=models.PositiveSmallIntegerField(),
    default=issues.teams.models.monday_to_friday,
    help_text="1 is Monday, 7 Sunday.",
    size=None,
)


def of(model: str, on_delete: object, related_name: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete, db_index=False, null=null, related_name=related_name)


def by_user() -> models.ForeignKey:
    return of(settings.AUTH_USER_MODEL, django.db.models.deletion.SET_NULL, "+", null=True)


INDEXES = (
    ("issue", models.Index(fields=["closed_at", "id"], condition=Q(state="resolved", source=""),
                           name="issue_unconfirmed")),
    ("issuestep", models.Index(fields=["issue", "id"], name="step_issue")),
    ("issuestep", models.Index(fields=["team", "due_at"], condition=Q(state="open"), name="step_open_team")),
    ("clockrun", models.Index(fields=["issue", "id"], name="clock_issue")),
    ("clockrun", models.Index(fields=["alarm_at", "issue"],
                              condition=Q(stopped_at__isnull=True, alarm_at__isnull=False),
                              name="clock_alarm")),
    ("resolution", models.Index(fields=["issue", "at"], name="resolution_issue")),
    ("resolution", models.Index(fields=["team", "at"], name="resolution_team")),
)  # fmt: skip


def check(name: str, condition: Q) -> models.CheckConstraint:
    return models.CheckConstraint(condition=condition, name=name)


def unique(name: str, *fields: str, **more: object) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=fields, name=name, **more)


RUNNING, OPEN = Q(stopped_at__isnull=True), Q(state="open")
CONSTRAINTS = (
    ("department", check("department_day_ends_after_start", Q(day_ends__gt=models.F("day_starts")))),
    ("department", check("department_works_some_days",
                         Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(weekdays__len__gt=0))),
    ("event", unique("event_once", "client_id", condition=Q(client_id__isnull=False))),
    ("issue", check("issue_state_declared", Q(state__in=STATES))),
    ("issue", check("issue_resumes_from_waiting", Q(resumes_as="") | Q(state="waiting"))),
    ("reason", unique("reason_once", "kind", "code")),
    ("issuestep", unique("step_open_once", "issue", "code", condition=OPEN)),
    ("issuestep", check("step_open_or_closed",
                        Q(state="open", closed_at__isnull=True) | (~OPEN & Q(closed_at__isnull=False)))),
    ("clockrun", unique("clock_runs_once", "issue", "step", condition=RUNNING, nulls_distinct=False)),
    ("clockrun", check("clock_stops_after_start", RUNNING | Q(stopped_at__gte=models.F("started_at")))),
    ("resolution", check("resolution_proved_or_excused",
                         Q(missing="", unproved="") | (~Q(missing="") & ~Q(unproved="")))),
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0004_ratings"),
    ]

    operations = [
        migrations.CreateModel(
            "IssueStep",
            [
                ("id", KEY),
                ("code", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("state", models.CharField(choices=STEP_STATES, default="open", max_length=8)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Its share of the time of the request.")),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                ("by", by_user()),
                ("issue", of("issues.issue", CASCADE, "steps")),
                ("team", of("issues.team", PROTECT, "steps")),
            ],
            options={"ordering": ["opened_at", "id"]},
        ),
        migrations.CreateModel(
            "ClockRun",
            [
                ("id", KEY),
                ("started_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(help_text="When the time is up, as it was while this ran.")),
                ("warn_at", models.DateTimeField(help_text="When 80 % of the time had passed.")),
                ("alarm_at", models.DateTimeField(null=True)),
                ("warned_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("issue", of("issues.issue", CASCADE, "clock")),
                ("step", of("issues.issuestep", CASCADE, "clock", null=True)),
            ],
            options={"ordering": ["started_at", "id"]},
        ),
        migrations.CreateModel(
            "Reason",
            [
                ("id", KEY),
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
            options={"ordering": ["kind", "position"]},
        ),
        migrations.CreateModel(
            "Resolution",
            [
                ("id", KEY),
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
                ("by", by_user()),
                ("event", models.OneToOneField("issues.event", CASCADE, related_name="+")),
                ("issue", of("issues.issue", CASCADE, "resolutions")),
                ("team", of("issues.team", PROTECT, "+")),
            ],
            options={"ordering": ["at", "id"]},
        ),
        migrations.AddField("department", "day_ends", models.TimeField(default=time(18))),
        migrations.AddField(
            "department",
            "day_starts",
            models.TimeField(default=time(8), help_text="When its working day begins, in the city."),
        ),
        migrations.AddField("department", "weekdays", WEEKDAYS),
        migrations.AddField(
            "event",
            "by",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="citizen, staff, system or partner.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            "event",
            "client_id",
            models.UUIDField(help_text="Made by the sender; makes an act repeatable.", null=True),
        ),
        migrations.AddField(
            "event",
            "note",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Words for the reporter and staff, never public.",
            ),
        ),
        migrations.AddField(
            "issue",
            "extended_at",
            models.DateTimeField(help_text="When its one extension was given.", null=True),
        ),
        migrations.AddField(
            "issue",
            "resumes_as",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The state in which a wait began.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            "service",
            "proof_distance_m",
            models.PositiveSmallIntegerField(
                db_default=100,
                default=100,
                help_text="How far from the place a closing may be proved, in metres.",
            ),
        ),
        migrations.AlterField(
            "event", "data", models.JSONField(default=dict, help_text="Facts that the public may read.")
        ),
        *(migrations.AddIndex(model, index) for model, index in INDEXES),
        *(migrations.AddConstraint(model, constraint) for model, constraint in CONSTRAINTS),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
