"""Rules are edited apart, checked, and published whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from geo_central.kernel.errors import Conflict, Invalid, Malformed, NotFound
from issues.catalogue.queries import service
from issues.routing import staging
from issues.routing.models import Rule
from issues.routing.queries import RuleBook, decide, subject_of
from issues.routing.rows import active_rows, parse_row, read_csv, rule_rows, write_csv
from layers.queries import place_at
from tests.factories.reports import CENTRE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
VIADUCTS = {"slug": "tudo-aos-viadutos", "service": "tapa-buracos", "priority": 1, "team": "smoi-viadutos"}


def begun(title="Novembro"):
    return staging.start_draft(title=title, by=None, now=NOW)


def team_downtown():
    place = place_at(CENTRE)
    return decide(service=service("tapa-buracos"), place=place, at=NOW).team.slug


@pytest.mark.django_db
def test_a_draft_is_the_active_set_until_somebody_edits_it():
    draft = begun()
    assert list(draft.rows) == active_rows()
    assert not draft.differences
    assert not draft.is_outdated


@pytest.mark.django_db
def test_an_edited_draft_changes_nothing_until_it_is_published_and_then_the_next_request_obeys():
    draft = staging.put_rule(begun().id, VIADUCTS, revision=1, now=NOW)
    assert [d.slug for d in draft.differences] == ["tudo-aos-viadutos"]
    before = team_downtown()
    assert before.startswith("smsurb-conservacao-")
    staging.publish(draft.id, revision=draft.revision, by=None, now=NOW)
    assert team_downtown() == "smoi-viadutos"
    assert staging.draft(draft.id).state == "published"


@pytest.mark.django_db
def test_publishing_draws_another_edition():
    def edition():
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM issues_edition")
            return cursor.fetchone()[0]

    draft, before = begun(), edition()
    staging.publish(draft.id, revision=1, by=None, now=NOW)
    assert edition() != before


@pytest.mark.django_db
def test_a_rule_that_is_dropped_is_switched_off_and_keeps_its_id_for_when_it_comes_back():
    old = Rule.objects.get(slug="coleta-nas-ilhas").pk
    draft = staging.drop_rule(begun().id, "coleta-nas-ilhas", revision=1, now=NOW)
    staging.publish(draft.id, revision=2, by=None, now=NOW)
    assert not Rule.objects.get(pk=old).is_active
    back = begun()
    assert "coleta-nas-ilhas" not in {r["slug"] for r in back.rows}
    row = {"slug": "coleta-nas-ilhas", "theme": "limpeza-urbana", "team": "dmlu-ilhas"}
    assert {r.id for r in rule_rows([parse_row(row)])} == {old}


@pytest.mark.django_db
def test_a_draft_started_before_another_was_published_is_refused():
    first, second = begun("um"), begun("dois")
    first = staging.put_rule(first.id, VIADUCTS, revision=1, now=NOW)
    staging.publish(first.id, revision=2, by=None, now=NOW)
    assert staging.draft(second.id).is_outdated
    with pytest.raises(Conflict, match=r"draft\.outdated"):
        staging.publish(second.id, revision=1, by=None, now=NOW)
    assert team_downtown() == "smoi-viadutos"


@pytest.mark.django_db
def test_a_change_of_something_else_than_rules_does_not_outdate_a_draft():
    draft = begun()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE issues_holiday SET name = name || '.'")
    staging.publish(draft.id, revision=1, by=None, now=NOW)


@pytest.mark.django_db
def test_two_managers_at_one_draft_do_not_overwrite_each_other():
    draft = begun()
    staging.put_rule(draft.id, VIADUCTS, revision=1, now=NOW)
    with pytest.raises(Conflict, match=r"draft\.edited") as refused:
        staging.drop_rule(draft.id, "coleta-nas-ilhas", revision=1, now=NOW)
    assert refused.value.data["revision"] == 2


@pytest.mark.django_db
def test_what_is_published_or_discarded_is_closed():
    draft = begun()
    staging.discard(draft.id, by=None, now=NOW)
    with pytest.raises(Conflict, match=r"draft\.closed"):
        staging.publish(draft.id, revision=1, by=None, now=NOW)
    assert draft.id not in {d.id for d in staging.drafts()}
    with pytest.raises(NotFound, match=r"draft\.unknown"):
        staging.draft(0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"slug": ""}, "field.required", "slug"),
        ({"slug": "Com Espaço"}, "rule.bad_slug", "slug"),
        ({"slug": "coleta-nas-ilhas"}, "rule.slug_taken", "slug"),
        ({"service": ""}, "rule.about_one_thing", "service"),
        ({"theme": "arvores"}, "rule.about_one_thing", "service"),
        ({"service": "nenhum"}, "rule.unknown_code", "service"),
        ({"team": ""}, "rule.one_team", "team"),
        ({"team_of_layer": "regions"}, "rule.one_team", "team"),
        ({"where": "beside"}, "field.not_a_choice", "where"),
        ({"where": "in_area"}, "rule.place_incomplete", "where_layer"),
        ({"where_layer": "regions"}, "rule.place_incomplete", "where_layer"),
        ({"where": "near_asset", "where_layer": "viaducts"}, "rule.place_incomplete", "distance_m"),
        ({"distance_m": "x"}, "field.not_a_number", "distance_m"),
        ({"priority": "99999"}, "field.out_of_range", "priority"),
        ({"valid_from": "ontem"}, "field.not_a_date", "valid_from"),
        ({"valid_from": "2026-12-01", "valid_until": "2026-12-01"}, "rule.backwards", "valid_until"),
        ({"note": "x" * 301}, "field.too_long", "note"),
        ({"note": "a\x00b"}, "field.bad_text", "note"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_column(changes, code, field):
    draft = begun()
    with pytest.raises((Invalid, Malformed)) as refused:
        staging.put_rule(draft.id, {**VIADUCTS, **changes}, revision=1, now=NOW)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert staging.draft(draft.id).revision == 1


@pytest.mark.django_db
def test_rules_go_out_as_a_table_and_come_back_the_same():
    draft = staging.put_rule(
        begun().id, {**VIADUCTS, "valid_from": "2026-12-01", "valid_until": "2027-01-01T08:00"},
        revision=1, now=NOW,
    )  # fmt: skip
    assert read_csv(write_csv(draft.rows)) == list(draft.rows)
    assert draft.row("tudo-aos-viadutos")["valid_from"] == "2026-12-01T00:00:00-03:00"


@pytest.mark.django_db
def test_a_day_of_validity_begins_at_the_citys_midnight():
    draft = staging.put_rule(begun().id, {**VIADUCTS, "valid_from": "2026-12-01"}, revision=1, now=NOW)
    staging.publish(draft.id, revision=2, by=None, now=NOW)
    rule = Rule.objects.get(slug="tudo-aos-viadutos")
    assert rule.valid_from == datetime(2026, 12, 1, 3, tzinfo=UTC)
    book, place = RuleBook.load(), place_at(CENTRE)
    for moment, holds in ((rule.valid_from, True), (rule.valid_from - timedelta(seconds=1), False)):
        found = book.decide(subject=subject_of(service("tapa-buracos")), place=place, at=moment)
        assert (found.rule_id == rule.pk) is holds


@pytest.mark.django_db
def test_all_priorities_change_at_once():
    draft = staging.order_rules(
        begun().id, {"coleta-nas-ilhas": 7, "buraco-em-viaduto": 8}, revision=1, now=NOW
    )
    assert [draft.row(s)["priority"] for s in ("coleta-nas-ilhas", "buraco-em-viaduto")] == [7, 8]
    assert {d.columns for d in draft.differences} == {("priority",)}


def test_of_two_drafts_published_in_the_same_moment_one_wins_whole(own_database):
    drafts = [begun(f"rascunho {n}") for n in range(4)]
    ready = [staging.put_rule(d.id, {**VIADUCTS, "slug": f"de-{d.id}"}, revision=1, now=NOW) for d in drafts]

    def publish(draft):
        try:
            staging.publish(draft.id, revision=2, by=None, now=NOW)
        except Conflict as refused:
            return refused.code
        finally:
            connections.close_all()
        return draft.id

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(publish, ready))
    winners = [o for o in outcomes if isinstance(o, int)]
    assert len(winners) == 1
    assert outcomes.count("draft.outdated") == 3
    assert set(
        Rule.objects.filter(slug__startswith="de-", is_active=True).values_list("slug", flat=True)
    ) == {f"de-{winners[0]}"}
