"""What is written for people agrees with what is there."""

import csv
import re
from pathlib import PurePosixPath

import pytest

from tests.architecture.files import ROOT, everything, files, text

PAGES = [n for n in files(".md") if not n.startswith("node_modules")]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(page)):
        if re.match(r"https?://|mailto:", target):
            continue
        path = (ROOT / PurePosixPath(page).parent / target).resolve()
        assert path.exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", [n for n in PAGES if n.startswith("docs/decisions/")])
def test_a_decision_is_short_and_says_what_was_decided(page):
    assert re.fullmatch(r"docs/decisions/\d{4}-[a-z0-9-]+\.md", page)
    assert len(text(page).splitlines()) <= 25
    assert "**Decision.**" in text(page)


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(PurePosixPath(n).name[:4]) for n in PAGES if n.startswith("docs/decisions/"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_column_of_the_rules_is_explained():
    with (ROOT / "fixtures/rules.csv").open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    page = text("docs/writing-routing-rules.md")
    assert not [c for c in columns if f"`{c}`" not in page]


def test_the_examples_of_rules_have_the_columns_of_rules():
    with (ROOT / "fixtures/rules.csv").open(encoding="utf-8", newline="") as file:
        width = len(next(csv.reader(file)))
    page = text("docs/writing-routing-rules.md")
    rows = [line for line in page.splitlines() if re.match(r"[a-z-]+,[^,]+,\d+,", line)]
    assert len(rows) == 4
    assert {len(row) for row in csv.reader(rows)} == {width}


def test_the_files_that_pages_name_exist():
    named = re.compile(r"`((?:geo_central|issues|layers|maps|fixtures|docs|tests|deploy)/[\w./-]+\.\w+)`")
    for page in PAGES:
        for name in named.findall(text(page)):
            assert name in everything(), f"{page}: {name}"
