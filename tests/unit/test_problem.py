"""One table from domain errors to HTTP, and words for every code that anything raises."""

import ast
import json
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from django.test import RequestFactory

from geo_central.http import problem, words
from geo_central.kernel import errors
from issues.management import words as tables
from layers.importing import words as loading

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = {
    c.__name__: c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.DomainError)
}
WORDS = {**loading.WORDS, **tables.WORDS, **words.WORDS}  # for operators at a terminal, for everybody
SUPPLIED = {"city", "row"}


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of ours, read."""
    paths = [
        p for package in ("geo_central", "layers", "issues", "maps") for p in (ROOT / package).rglob("*.py")
    ]
    return {str(p.relative_to(ROOT)): ast.parse(p.read_text(encoding="utf-8")) for p in sorted(paths)}


@cache
def raised() -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Every code given to an error in the source: where, and with which facts."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for path, tree in sources().items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and call.args and _is_error(call):
                facts = frozenset(k.arg or "*" for k in call.keywords)
                for code in _codes(call.args[0]):
                    found.setdefault(code, []).append((path, facts))
    return found


def _is_error(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {*DOMAIN, "_Method", "_Acceptable", "_refuse"}


def _composed() -> set[str]:
    """Patterns of the codes that are put together, such as f"{field}.unknown"."""
    given = [
        call.args[0]
        for tree in sources().values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and _is_error(call)
    ]
    return {
        "".join(re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in text.values)
        for text in given
        if isinstance(text, ast.JoinedStr)
    }


def _codes(node: ast.AST) -> set[str]:
    texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {t for t in texts if re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", t)}


def test_every_kind_of_error_has_a_status():
    for kind in DOMAIN.values():
        if kind is not errors.DomainError:
            assert 400 <= problem.status_of(kind("x")) < 600
    assert {k for k in problem.STATUS if k.__module__ == errors.__name__} == {*DOMAIN.values()} - {
        errors.DomainError
    }


def test_only_what_the_operator_must_mend_is_a_5xx():
    assert [k for k, status in problem.STATUS.items() if status >= 500] == [errors.Unready]


def test_every_code_has_words():
    assert len(raised()) > 40
    assert not {code: where[0][0] for code, where in raised().items() if code not in WORDS}


def test_every_wording_belongs_to_a_code_in_the_source():
    said = {p: t for p, t in sources().items() if not p.endswith("words.py")}
    unused = WORDS.keys() - set().union(*map(_codes, said.values()))
    assert not {code for code in unused if not any(re.fullmatch(p, code) for p in _composed())}


def test_every_wording_gets_the_facts_that_it_names():
    lacking = {}
    for code, places in raised().items():
        needed = set(re.findall(r"%\((\w+)\)", str(WORDS.get(code, "")))) - SUPPLIED
        for where, facts in places:
            if not code.startswith("answer.") and "*" not in facts and needed - facts:
                lacking[code] = (where, needed - facts)
    assert not lacking


def test_no_wording_uses_another_way_of_filling_in():
    for code, text in WORDS.items():
        assert [name for _, name, _, _ in Formatter().parse(str(text)) if name] == [], code
        assert not re.search(r"%[^(%]|%$", re.sub(r"%\(\w+\)s|%%", "", str(text))), code


def test_a_problem_names_type_title_status_code_field_and_data():
    error = errors.Invalid("field.out_of_range", field="limit", low=1, high=50)
    assert problem.body_of(error) == {
        "type": "/docs/errors#field.out_of_range",
        "title": "O número deve ficar entre 1 e 50.",
        "status": 422,
        "code": "field.out_of_range",
        "field": "limit",
        "data": {"low": 1, "high": 50},
    }


@pytest.mark.parametrize("path", ["/api/v1/issues", "/tiles/base/1/1/1.mvt"])
def test_a_program_gets_a_problem_document_even_from_a_browser(path):
    request = RequestFactory().get(path, headers={"accept": "text/html"})
    response = problem.response_for(request, errors.NotFound("not_found"))
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["code"] == "not_found"


def test_who_asks_too_often_is_told_when_to_come_back():
    response = problem.response_for(RequestFactory().get("/api/"), errors.Limited("too_many", retry_after=7))
    assert response.status_code == 429
    assert response["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/issues", "application/problem+json"), ("/novo/", "text/html; charset=utf-8")]
)
def test_a_failure_that_nobody_anticipated_is_told_without_its_details(path, kind):
    response = problem.failed(RequestFactory().get(path, headers={"accept": "text/html"}))
    assert response.status_code == 500
    assert response["Content-Type"] == kind
    assert (
        "O sistema falhou" in response.content.decode() or json.loads(response.content)["code"] == "failure"
    )


def test_an_unworded_code_speaks_for_itself():
    assert words.say(errors.Invalid("some.thing")) == "some.thing"
