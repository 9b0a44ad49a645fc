"""What people write finds the service they mean, however they write it."""

import csv
from pathlib import Path

import pytest

from geo_central.kernel.errors import Invalid
from issues.catalogue import operations, queries
from issues.catalogue.models import Service
from issues.catalogue.queries import search

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent
TUNED, HELD_OUT = TABLES = ("phrases_tuned.csv", "phrases_held_out.csv")
FIRST, TOP_THREE = 0.75, 0.90
ODD_TEXTS = {
    "only punctuation": "?!... --- ///",
    "an emoji": "🕳️😡",
    "an emoji among words": "buraco 🕳️ na rua 😡",
    "somebody's SQL": "'; drop table issues_service; --",
    "quotes and backslashes": "luz 'do' \"poste\" \\ \\' $$ %s %(n)s",
    "operators of a text query": "luz & poste | ! rua : * <-> (A) :*",
    "only operators": "& | ! : * ( ) <->",
    "a null byte": "bura\0co",
    "a lone surrogate": "buraco \ud800",
    "another script": "яма на дороге 道路の穴",
    "wildcards": "%%%___ buraco%",
    "digits": "12345678901234567890",
    "one long word": "a" * 200,
    "many short words": "ab " * 66,
    "wide letters": "ｂｕｒａｃｏ",
}


def phrases(name):
    """Pairs of a phrase and the services it may mean."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [(row["phrase"], set(row["services"].split(";"))) for row in csv.DictReader(file)]


def shares(pairs):
    """How often the right service comes first, and how often among the first three."""
    ranks = []
    for phrase, right in pairs:
        codes = [s.code for s in search(phrase, limit=3)]
        ranks.append(next((rank for rank, code in enumerate(codes, 1) if code in right), 0))
    return ranks.count(1) / len(ranks), sum(rank > 0 for rank in ranks) / len(ranks)


@pytest.mark.parametrize("name", TABLES)
def test_what_citizens_write_finds_the_service_first_or_among_the_first_three(name, capsys):
    seen = set() if name == TUNED else {phrase for phrase, _ in phrases(TUNED)}
    pairs = [(phrase, right) for phrase, right in phrases(name) if phrase not in seen]
    first, top_three = shares(pairs)
    with capsys.disabled():
        print(f"\nservices.search {name}: first {first:.0%}, in the first three {top_three:.0%}")
    assert first >= FIRST
    assert top_three >= TOP_THREE


def test_the_tables_have_150_phrases_or_more_half_of_them_held_out():
    """Only numbers are compared, so that a failure shows no phrase that was held out."""
    tuned, held_out = ({phrase for phrase, _ in phrases(name)} for name in TABLES)
    distinct, new = len(tuned | held_out), len(held_out - tuned)
    assert distinct >= 150
    assert new >= 75


def test_every_phrase_names_services_of_the_catalogue():
    known = set(Service.objects.order_by("code").values_list("code", flat=True))
    named = {code for name in TABLES for _, right in phrases(name) for code in right}
    assert named - known == set()


def test_each_service_is_found_first_by_its_own_name():
    missed = [s.code for s in queries.services() if search(s.name, limit=1)[0].code != s.code]
    assert missed == []


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "?!", "&|!:*", "\0", "🕳️"])
def test_a_text_without_a_word_finds_nothing(text):
    assert search(text) == []


@pytest.mark.parametrize("text", ["xqzwv", "kkkkkkk", "qwrtzxcvb"])
def test_words_that_mean_nothing_here_find_nothing(text):
    assert search(text) == []


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_no_text_upsets_the_search(text):
    found = search(text)
    assert all(0 < s.score <= 1 for s in found)


def test_any_single_letter_or_sign_can_be_asked():
    for code in range(256):
        search(chr(code))


def test_two_hundred_characters_are_read_and_one_more_is_refused():
    assert search("buraco na rua ".ljust(200, "x"))
    with pytest.raises(Invalid) as refused:
        search("x" * 201)
    assert (refused.value.code, refused.value.field) == ("field.too_long", "q")


@pytest.mark.parametrize(
    "text", ["iluminação", "iluminacao", "ILUMINAÇÃO", "Iluminac\u0327a\u0303o", "iluminasao", "ilumincao"]
)
def test_capitals_accents_and_slips_find_the_same_theme(text):
    assert search(text)[0].theme == "iluminacao-publica"


def test_the_best_come_first_and_no_more_than_asked_for():
    found = search("lixo na rua", limit=7)
    assert len(found) == 7
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert len({s.code for s in found}) == 7
    assert len(search("lixo na rua", limit=1)) == 1


def test_the_same_words_give_the_same_answer():
    assert search("lixo na rua") == search("lixo na rua")


def test_another_subject_never_comes_before_a_service_that_was_meant():
    assert search("outro buraco na rua")[0].code == "tapa-buracos"
    assert search("não sei se é esgoto na rua")[0].code == "esgoto-vazamento-na-rede"
    assert search("outro assunto")[0].code == "outro-assunto"


def test_a_retired_service_is_not_proposed_from_the_same_second():
    assert search("tapa-buracos")[0].code == "tapa-buracos"
    Service.objects.filter(code="tapa-buracos").update(is_active=False)
    assert "tapa-buracos" not in [s.code for s in search("tapa-buracos", limit=50)]


def test_a_new_key_word_is_found_once_the_catalogue_is_loaded_again():
    assert search("zabumba") == []
    rows = [
        {
            **row,
            "theme": Service.objects.get(code=row["code"]).theme.slug,
            "department": Service.objects.get(code=row["code"]).department.code,
            "keywords": [*row["keywords"], "zabumba"],
        }
        for row in Service.objects.filter(code="poluicao-sonora").values()
    ]
    operations.load_services(rows, [])
    assert [s.code for s in search("zabumba")] == ["poluicao-sonora"]
