"""The service catalogue of the demo city: what its four tables promise to everyone who reads them."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

COLUMNS = {
    "departments": ["code", "acronym", "name", "day_starts", "day_ends", "weekdays"],
    "themes": ["slug", "name", "icon"],
    "services": [
        "code",
        "name",
        "description",
        "theme",
        "department",
        "geolocated",
        "target",
        "target_unit",
        "channels",
        "precision",
        "moderation",
        "duplicate_radius_m",
        "proof_distance_m",
        "open311_type",
        "keywords",
    ],
    "questions": ["service", "code", "order", "datatype", "required", "text", "hint", "values"],
}
TABLES = list(COLUMNS)

UNITS = {"working_days", "calendar_days", "hours"}
CHANNELS = {"web", "app", "phone", "whatsapp", "email", "sms", "counter", "social", "bot"}
PRECISIONS = {"exact", "grid_100m", "area"}
MODERATIONS = {"pre", "never"}
LIST_TYPES = {"singlevaluelist", "multivaluelist"}
DATATYPES = {"string", "number", "datetime", "text", "information"} | LIST_TYPES
ICONS = {
    "road",
    "light",
    "water",
    "drain",
    "trash",
    "tree",
    "park",
    "animal",
    "health",
    "traffic",
    "bus",
    "house",
    "map",
    "money",
    "business",
    "leaf",
    "people",
    "shield",
    "school",
    "culture",
    "sport",
    "document",
    "other",
}

TEN_NAMES = [
    "Denúncia - Poluição Sonora",
    "Esgoto Cloacal - Vazamento na rede",
    "Água - Verificação de Falta",
    "Transportes - Reclamação (ônibus, táxi, lotação e transporte escolar)",
    "Atendimento (Licença para Edificação)",
    "Cópia digital de Expediente Único",
    "Via Pública - conservação de vias com asfalto (Tapa-Buracos)",
    "Iluminação Pública - Luminária Apagada Durante a Noite",
    "Fiscalização de Calçadas",
    "Alvará (Promoção Econômica - Sala do Empreendedor)",
]
FIXED_CODES = {
    "tapa-buracos": "Via Pública - conservação de vias com asfalto (Tapa-Buracos)",
    "luminaria-apagada": "Iluminação Pública - Luminária Apagada Durante a Noite",
    "esgoto-vazamento-na-rede": "Esgoto Cloacal - Vazamento na rede",
    "agua-falta": "Água - Verificação de Falta",
    "poluicao-sonora": "Denúncia - Poluição Sonora",
    "outro-assunto": "Outro assunto",
}
EMERGENCIES = [
    "agua-vazamento-na-rede",
    "tampa-faltando",
    "semaforo",
    "arvore-caida",
    "defesa-civil",
    "choque-eletrico",
]

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PERSONAL = {
    "an e-mail address": re.compile(r"\S@\S"),
    "a telephone number": re.compile(r"\b\d{4,5}[\s.-]?\d{4}\b"),
    "a CPF": re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b"),
    "an internet address": re.compile(r"https?:|www\."),
}


def table(name):
    """The rows of one fixture, as dictionaries of text."""
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def bare(text):
    """The text as somebody in a hurry types it: no accents, no punctuation, no capitals."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def repeated(values):
    """The values that occur more than once."""
    return [value for value, times in Counter(values).items() if times > 1]


def questions_by_service():
    grouped = defaultdict(list)
    for question in table("questions"):
        grouped[question["service"]].append(question)
    return grouped


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_utf8_with_plain_line_ends_and_the_agreed_columns(name):
    raw = (FIXTURES / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert unicodedata.is_normalized("NFC", raw.decode("utf-8"))
    assert list(table(name)[0]) == COLUMNS[name]


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_has_stray_blanks_or_a_missing_column(name):
    for row in table(name):
        assert None not in [*row, *row.values()], row
        assert all(cell == cell.strip() and "  " not in cell for cell in row.values()), row


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", PERSONAL)
def test_no_table_holds_personal_data(name, kind):
    text = (FIXTURES / f"{name}.csv").read_text(encoding="utf-8")
    assert PERSONAL[kind].findall(text) == []


def test_there_are_exactly_452_services():
    assert len(table("services")) == 452


def test_every_service_code_is_a_stable_slug_and_unique():
    codes = [service["code"] for service in table("services")]
    assert repeated(codes) == []
    assert [c for c in codes if not SLUG.fullmatch(c) or len(c) > 60 or c.isdigit()] == []


def test_no_two_services_have_the_same_name_however_it_is_typed():
    names = [service["name"] for service in table("services")]
    assert repeated(map(bare, names)) == []
    assert [name for name in names if not 0 < len(name) <= 90] == []


@pytest.mark.parametrize("name", TEN_NAMES)
def test_the_ten_most_asked_for_services_have_their_exact_names(name):
    assert name in {service["name"] for service in table("services")}


@pytest.mark.parametrize("code", FIXED_CODES)
def test_the_codes_others_rely_on_stay_with_their_services(code):
    assert {s["code"]: s["name"] for s in table("services")}[code] == FIXED_CODES[code]


def test_nothing_may_be_refused_so_there_is_another_subject_open_to_any_place_and_channel():
    other = next(s for s in table("services") if s["code"] == "outro-assunto")
    assert (other["geolocated"], other["department"]) == ("yes", "ogm")
    assert set(other["channels"].split(";")) == CHANNELS


def test_every_service_says_what_is_done_in_one_or_two_sentences():
    for service in table("services"):
        assert service["description"].endswith("."), service["code"]
        assert 20 <= len(service["description"]) <= 220, service["code"]
    assert repeated(bare(s["description"]) for s in table("services")) == []


@pytest.mark.parametrize(
    ("column", "allowed"),
    [
        ("geolocated", {"yes", "no"}),
        ("target_unit", UNITS),
        ("precision", PRECISIONS),
        ("moderation", MODERATIONS),
    ],
)
def test_services_use_only_the_closed_vocabularies(column, allowed):
    assert {service[column] for service in table("services")} <= allowed


def test_every_service_can_be_asked_for_by_web_app_and_telephone():
    for service in table("services"):
        channels = service["channels"].split(";")
        assert repeated(channels) == [], service["code"]
        assert {"web", "app", "phone"} <= set(channels) <= CHANNELS, service["code"]


def test_every_target_is_a_sensible_whole_number():
    longest = {"hours": 72, "working_days": 60, "calendar_days": 180}
    for service in table("services"):
        assert 1 <= int(service["target"]) <= longest[service["target_unit"]], service["code"]


@pytest.mark.parametrize("code", EMERGENCIES)
def test_emergencies_are_counted_in_hours(code):
    service = next(s for s in table("services") if s["code"] == code)
    assert service["target_unit"] == "hours"
    assert int(service["target"]) <= 24


def test_the_ombudsman_and_the_access_to_information_have_the_targets_of_the_law():
    services = {s["code"]: s for s in table("services")}
    ombudsman = [s for s in services.values() if s["department"] == "ogm"]
    assert {(s["target"], s["target_unit"]) for s in ombudsman} == {("30", "calendar_days")}
    assert (services["lai"]["target"], services["lai"]["target_unit"]) == ("20", "calendar_days")


def test_between_150_and_190_services_are_about_a_place():
    assert 150 <= sum(s["geolocated"] == "yes" for s in table("services")) <= 190


def test_a_radius_for_duplicates_belongs_to_services_about_a_place_and_to_no_other():
    for service in table("services"):
        radius = int(service["duplicate_radius_m"])
        assert (0 < radius <= 250) == (service["geolocated"] == "yes"), service["code"]
        assert radius >= 0, service["code"]


def test_a_closing_is_proved_within_a_walk_of_the_place_and_only_where_there_is_one():
    for service in table("services"):
        metres = service["proof_distance_m"]
        assert (metres == "") == (service["geolocated"] == "no"), service["code"]
        assert not metres or 50 <= int(metres) <= 250, service["code"]


def test_every_department_works_some_hours_of_some_days():
    for row in table("departments"):
        assert "06:00" <= row["day_starts"] < row["day_ends"] <= "22:00", row["code"]
        days = row["weekdays"].split(";")
        assert days == sorted(set(days)), row["code"]
        assert days[:5] == list("12345"), row["code"]


def test_what_is_never_published_is_never_shown_as_a_point_of_a_home():
    homes = {
        "poluicao-sonora",
        "perturbacao",
        "maus-tratos",
        "abordagem-social",
        "vacina-em-casa",
        "acamados",
    }
    for service in table("services"):
        if service["code"] in homes:
            assert (service["precision"], service["moderation"]) == ("area", "never"), service["code"]


def test_assistance_and_a_persons_health_are_never_published():
    for service in table("services"):
        if service["department"] == "fasc":
            assert service["moderation"] == "never", service["code"]
            assert service["precision"] == "area", service["code"]


def test_complaints_against_somebody_are_never_published():
    accusing = [s for s in table("services") if "denuncia" in bare(s["name"]).split()]
    assert [s["code"] for s in accusing if s["moderation"] != "never"] == []


def test_what_somebody_owes_in_taxes_is_never_published():
    assert {s["moderation"] for s in table("services") if s["theme"] == "impostos"} == {"never"}


def test_every_service_has_keywords_in_the_words_of_the_citizen():
    for service in table("services"):
        keywords = service["keywords"].split(";")
        least, most = (4, 12) if service["geolocated"] == "yes" else (2, 6)
        assert least <= len(keywords) <= most, service["code"]
        assert all(k and k == k.strip() == k.lower() for k in keywords), service["code"]
        assert repeated(map(bare, keywords)) == [], service["code"]


def test_no_keyword_points_to_two_services():
    assert repeated(bare(k) for s in table("services") for k in s["keywords"].split(";")) == []


def test_every_department_and_theme_is_named_once_and_used():
    for name, key, column in [("departments", "code", "department"), ("themes", "slug", "theme")]:
        keys = [row[key] for row in table(name)]
        assert repeated(keys) == []
        assert repeated(bare(row["name"]) for row in table(name)) == []
        assert all(SLUG.fullmatch(k) for k in keys)
        assert set(keys) == {service[column] for service in table("services")}


def test_there_are_12_to_24_themes_with_icons_of_the_closed_set():
    themes = table("themes")
    assert 12 <= len(themes) <= 24
    assert {theme["icon"] for theme in themes} <= ICONS


def test_at_least_forty_services_ask_one_to_four_questions_each():
    grouped = questions_by_service()
    assert len(grouped) >= 40
    assert {code for code, asked in grouped.items() if not 1 <= len(asked) <= 4} == set()


def test_every_question_belongs_to_a_service():
    assert set(questions_by_service()) <= {service["code"] for service in table("services")}


def test_questions_are_numbered_from_one_and_have_their_own_codes():
    for service, asked in questions_by_service().items():
        assert sorted(int(q["order"]) for q in asked) == list(range(1, len(asked) + 1)), service
        assert repeated(q["code"] for q in asked) == [], service
        assert all(SLUG.fullmatch(q["code"]) for q in asked), service


def test_every_question_has_a_text_and_a_known_type():
    for question in table("questions"):
        assert question["text"], question
        assert question["datatype"] in DATATYPES, question
        assert question["required"] in {"yes", "no"}, question


def test_a_list_offers_at_least_two_values_and_nothing_else_offers_any():
    for question in table("questions"):
        if question["datatype"] not in LIST_TYPES:
            assert question["values"] == "", question
            continue
        pairs = [value.split(":", 1) for value in question["values"].split("|")]
        assert len(pairs) >= 2, question
        assert all(len(pair) == 2 and SLUG.fullmatch(pair[0]) and pair[1].strip() for pair in pairs), question
        assert repeated(key for key, _ in pairs) == [], question


def test_what_must_be_answered_is_rare_and_easy():
    for service, asked in questions_by_service().items():
        assert sum(q["required"] == "yes" for q in asked) <= 2, service


@pytest.mark.parametrize("code", ["tapa-buracos", "luminaria-apagada"])
def test_a_hole_or_a_lamp_is_reported_without_any_obligatory_answer(code):
    assert {q["required"] for q in questions_by_service()[code]} == {"no"}
