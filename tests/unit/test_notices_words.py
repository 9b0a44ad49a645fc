"""Every event has words in three languages, and none of them lacks a fact."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from issues.conversations.kinds import DUPLICATE, FOLLOWER, GROUPS, REPORTER, TEAM, group_of
from issues.conversations.rendering import FALLBACK, News, codes, languages, letter_of, render_message
from issues.interfaces.wording import EVENTS, say_group
from issues.lifecycle import states

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
BARE = News(
    code="", at=NOW, relation=REPORTER, protocol="2026-0012345-6", service="Poda de árvore", place="",
    team="Equipe Sul", department="Meio Ambiente", state="assigned", is_open=True, due_at=NOW, note="",
    reason="", responsible="", on=None, original="", link="https://central.example/s/abc/",
)  # fmt: skip
FULL = replace(
    BARE, place="Rua A, 1", note="Uma <b>nota</b>.", reason="Um motivo", responsible="Outro órgão",
    on=date(2026, 12, 1), original="2026-0000001-0",
)  # fmt: skip
KNOWN = sorted({*EVENTS, *(t.event for t in states.TABLE.values()), *(c for g in GROUPS.values() for c in g)})


def render(news, language):
    staff = news[0].relation == TEAM
    link = "" if staff else "https://central.example/avisos/x/"
    return render_message(
        news, key="0" * 32, language=language, is_urgent=False, unsubscribe=link, preferences=link
    )


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("relation", [REPORTER, FOLLOWER, DUPLICATE, TEAM])
@pytest.mark.parametrize("news", [BARE, FULL], ids=["bare", "full"])
def test_every_event_is_told_in_every_language_with_and_without_its_facts(news, relation, language):
    for code in KNOWN:
        message = render([replace(news, code=code, relation=relation)], language)
        assert news.protocol in message.subject
        assert message.short
        for text in (message.subject, message.text, message.html):
            assert "{{" not in text
            assert "{%" not in text
            assert "None" not in text
        assert "  ." not in message.text
        assert ". ." not in message.text


@pytest.mark.parametrize("language", languages())
def test_the_languages_have_the_same_files_and_other_words(language, settings):
    mine = set(codes(for_team=False)), set(codes(for_team=True))
    settings.LANGUAGE_CODE = language
    assert (set(codes(for_team=False)), set(codes(for_team=True))) == mine
    subjects = {letter_of(replace(FULL, code="resolved"), each).subject for each in languages()}
    assert len(subjects) == len(languages())


@pytest.mark.parametrize("transition", [t for t in states.TABLE.values() if t.tells], ids=lambda t: t.action)
def test_whatever_a_transition_tells_has_words_of_its_own(transition):
    for kind in transition.tells:
        assert transition.event in codes(for_team=kind == states.TEAM_NOTICE)


def test_what_nobody_has_written_for_is_told_in_general_words():
    assert letter_of(replace(FULL, code="of_the_future"), "en") == letter_of(
        replace(FULL, code=FALLBACK), "en"
    )
    assert group_of("of_the_future") == "progress"


def test_what_people_wrote_is_text_in_the_mail_and_in_its_html():
    message = render([replace(FULL, code="waiting")], "pt-br")
    assert "Uma <b>nota</b>." in message.text
    assert "Uma &lt;b&gt;nota&lt;/b&gt;." in message.html


@pytest.mark.parametrize("language", languages())
def test_a_digest_tells_every_event_once_with_its_link(language):
    other = replace(FULL, code="scheduled", protocol="2026-0099999-9", link="https://central.example/s/def/")
    message = render([replace(FULL, code="resolved"), other], language)
    assert message.subject.startswith("2 ")
    for each in (FULL, other):
        assert message.text.count(each.link) == 1
        assert message.html.count(each.link) == 1


def test_a_subject_is_one_line_whatever_its_facts_are():
    message = render(
        [replace(FULL, code="assigned", relation=TEAM, service="Poda\r\nBcc: x@example.com")], "en"
    )
    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_staff_are_not_offered_to_unsubscribe():
    message = render([replace(FULL, code="assigned", relation=TEAM)], "pt-br")
    assert message.unsubscribe == ""
    assert "avisos" not in message.text


def test_every_group_has_a_name():
    assert all(say_group(group) != group for group in GROUPS)
