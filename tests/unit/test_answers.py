"""Answers to a service's questions: what is kept, what is refused and under which name."""

import pytest

from geo_central.kernel.errors import Invalid
from issues.catalogue.answers import QuestionRow, check_answers

SIZES = (("small", "Pequeno"), ("big", "Grande"), ("huge", "Enorme"))


def ask(datatype, value, *, required=False):
    question = QuestionRow("q", datatype, required, "O quê?", values=SIZES)
    return check_answers([question], {"q": value}).get("q")


@pytest.mark.parametrize(
    ("datatype", "given", "kept"),
    [
        ("string", "  poste 12 ", "poste 12"),
        ("text", "linha\noutra", "linha\noutra"),
        ("number", 3, 3),
        ("number", 3.5, 3.5),
        ("number", "3,5", 3.5),
        ("number", " 12 ", 12),
        ("number", -4, -4),
        ("datetime", "2026-11-23T08:00", "2026-11-23T08:00:00"),
        ("datetime", "2026-11-23", "2026-11-23T00:00:00"),
        ("singlevaluelist", "big", "big"),
        ("multivaluelist", ["huge", "small"], ["small", "huge"]),
        ("multivaluelist", ["small", "small"], ["small"]),
        ("multivaluelist", "small", ["small"]),
    ],
)
def test_good_answers_are_kept_in_one_form(datatype, given, kept):
    assert ask(datatype, given) == kept


@pytest.mark.parametrize(
    ("datatype", "given"),
    [
        ("string", 7),
        ("string", "x" * 201),
        ("text", "x" * 4001),
        ("text", ["a"]),
        ("number", "muitos"),
        ("number", True),
        ("number", "nan"),
        ("number", "inf"),
        ("number", 1e16),
        ("number", [1]),
        ("number", 10**400),
        ("datetime", "amanhã"),
        ("datetime", 20261123),
        ("singlevaluelist", "medium"),
        ("singlevaluelist", "Grande"),
        ("singlevaluelist", ["big"]),
        ("singlevaluelist", 1),
        ("multivaluelist", ["big", "medium"]),
        ("multivaluelist", [["big"]]),
        ("multivaluelist", [{}]),
        ("multivaluelist", 3),
    ],
)
def test_bad_answers_are_refused_with_the_questions_code(datatype, given):
    with pytest.raises(Invalid) as refused:
        ask(datatype, given)
    assert refused.value.code == "answer.bad_value"
    assert refused.value.field == "answers.q"
    assert refused.value.data == {"question": "q", "text": "O quê?"}


@pytest.mark.parametrize("empty", [None, "", "  \n", []])
def test_an_empty_answer_is_no_answer(empty):
    assert ask("string", empty) is None
    with pytest.raises(Invalid) as refused:
        ask("multivaluelist", empty, required=True)
    assert (refused.value.code, refused.value.field) == ("answer.required", "answers.q")


def test_an_answer_that_is_missing_is_refused_with_the_questions_code():
    with pytest.raises(Invalid) as refused:
        check_answers([QuestionRow("cor", "string", True, "De que cor?")], {})
    assert (refused.value.code, refused.value.field) == ("answer.required", "answers.cor")


def test_an_answer_to_no_question_is_refused_by_its_name():
    with pytest.raises(Invalid) as refused:
        check_answers([], {"altura": 3})
    assert (refused.value.code, refused.value.field) == ("answer.unknown", "answers.altura")


def test_a_very_long_name_of_no_question_is_cut():
    with pytest.raises(Invalid) as refused:
        check_answers([], {"x" * 5000: 3})
    assert len(refused.value.field) <= 100


def test_answers_come_out_in_the_order_of_the_questions():
    questions = [QuestionRow(c, "string", False, c) for c in "abc"]
    assert list(check_answers(questions, {"c": "3", "a": "1"})) == ["a", "c"]
