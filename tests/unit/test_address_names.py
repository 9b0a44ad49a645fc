"""How streets are named, searched and asked for, without a database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.addresses import Wanted, parse, parse_crossing
from layers.naming import plain, title_case
from layers.street_names import street_key, street_name


@pytest.mark.parametrize(
    ("category", "preposition", "name", "shown"),
    [
        ("AV", "", "IPIRANGA", "Avenida Ipiranga"),
        ("R", "DOS", "ANDRADAS", "Rua dos Andradas"),
        ("R", "", "REPUBLICA", "Rua República"),
        ("TRAV", "", "ENG ACILINO CARVALHO", "Travessa Engenheiro Acilino Carvalho"),
        ("R", "", "VINTE QUATRO DE OUTUBRO", "Rua 24 de Outubro"),
        ("R", "", "PRIMEIRO DE MAIO", "Rua 1º de Maio"),
        ("R", "", "SEIS MIL TRINTA TRES", "Rua 6033"),
        ("R", "", "TRES FIGUEIRAS", "Rua Três Figueiras"),
        ("R", "", "DOM PEDRO II", "Rua Dom Pedro II"),
        ("R", "", "CONSELHEIRO D'AVILA", "Rua Conselheiro d'Ávila"),
        ("PSG", "", "JAIME VIGNOLI-VITOR VALPIRIO", "Passagem Jaime Vignoli-Vitor Valpirio"),
        ("R", "", "A VILA N S FATIMA", "Rua A Vila N S Fátima"),
        ("LE", "", "AEROPORTO INTERNACIONAL SALGADO FILHO", "Aeroporto Internacional Salgado Filho"),
        ("", "", "", ""),
    ],
)
def test_a_register_s_name_is_shown_as_people_write_it(category, preposition, name, shown):
    assert street_name(category, preposition, name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CHÁCARA DAS PEDRAS", "Chácara das Pedras"),
        ("PARQUE SANTA FÉ", "Parque Santa Fé"),
        ("TRÊS FIGUEIRAS", "Três Figueiras"),
        ("VILA  ASSUNÇÃO", "Vila Assunção"),
        ("VILA DO IAPI", "Vila do IAPI"),
        ("MONT'SERRAT", "Mont'Serrat"),
        ("Já Escrito Assim", "Já Escrito Assim"),
    ],
)
def test_capitals_become_a_name(name, shown):
    assert title_case(name) == shown


@pytest.mark.parametrize(
    "spellings",
    [
        ("VINTE QUATRO DE OUTUBRO", "vinte e quatro de outubro", "24 de Outubro", "24 outubro"),
        ("GEN CAMARA", "Gal. Câmara", "general camara", "GENERAL CÂMARA"),
        ("NS DA CONCEICAO", "Nossa Senhora da Conceição", "nossa senhora conceicao"),
        ("DR NILO PECANHA", "Dr. Nilo Peçanha", "doutor nilo pecanha"),
        ("QUINZE DE NOVEMBRO", "XV de Novembro", "15 de novembro"),
        ("PRIMEIRO DE MAIO", "1º de Maio", "1 de maio"),
        ("CONSELHEIRO D'AVILA", "Conselheiro d’Ávila"),
    ],
)
def test_one_street_has_one_key_however_it_is_spelt(spellings):
    assert len({street_key(s) for s in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Av. Ipiranga, 1200", Wanted("ipiranga", "avenida", 1200)),
        ("ipiranga 1200", Wanted("ipiranga", "", 1200)),
        ("rua da republica 10", Wanted("republica", "rua", 10)),
        ("R. Gal. Câmara nº 100", Wanted("general camara", "rua", 100)),
        ("Av. Borges de Medeiros, 1501 - Centro, Porto Alegre", Wanted("borges medeiros", "avenida", 1501)),
        ("Rua dos Andradas 1234 ap 302", Wanted("andradas", "rua", 1234)),
        ("rua 24 de outubro 1000", Wanted("24 outubro", "rua", 1000)),
        ("24 de Outubro", Wanted("24 outubro")),
        ("rua 6033", Wanted("6033", "rua")),
        ("rua 6033, 89", Wanted("6033", "rua", 89)),
        ("Pç. da Matriz", Wanted("matriz", "praca")),
        ("90160-091", Wanted("", "", None, "90160091")),
        ("CEP 90160091", Wanted("cep", "", None, "90160091")),
        ("Av. Ipiranga 1200, 90160-091", Wanted("ipiranga", "avenida", 1200, "90160091")),
        ("Osvaldo Aranha, Bom Fim", Wanted("osvaldo aranha")),
        ("", Wanted("")),
        ("???", Wanted("")),
    ],
)
def test_a_typed_address_is_taken_apart(text, wanted):
    assert replace(parse(text), areas=()) == wanted


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("ipiranga 1200 partenon", ("partenon", "ipiranga")),
        ("Av. Ipiranga, 1200 - ap 3, Cidade Baixa", ("cidade baixa", "ipiranga")),
        ("Osvaldo Aranha, Bom Fim", ("bom fim", "osvaldo aranha")),
        ("lima e silva cidade baixa", ("cidade baixa", "lima silva")),
    ],
)
def test_what_may_name_a_neighbourhood_is_kept_with_what_is_left_of_the_name(text, area):
    assert area in parse(text).areas


def test_a_name_of_one_word_is_never_taken_for_a_neighbourhood_alone():
    assert parse("Partenon").areas == ()


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("esquina da Lima e Silva com a República", "lima silva", "republica"),
        ("na esquina da Rua da República com a Av. João Pessoa", "republica", "joao pessoa"),
        ("cruzamento da Borges com a Salgado Filho", "borges", "salgado filho"),
        ("lima e silva x republica", "lima silva", "republica"),
        ("Lima e Silva × República", "lima silva", "republica"),
        ("Lima e Silva esq. República", "lima silva", "republica"),
        ("Lima e Silva esq. c/ República", "lima silva", "republica"),
        ("Lima e Silva esquina com a República", "lima silva", "republica"),
        ("Lima e Silva / República", "lima silva", "republica"),
        ("Av. Ipiranga & Av. Azenha", "ipiranga", "azenha"),
        ("esquina de Lima e Silva e Rua da República", "lima silva", "republica"),
        ("esquina da Azenha e Ipiranga", "azenha", "ipiranga"),
    ],
)
def test_a_corner_is_taken_apart(text, one, other):
    corner = parse_crossing(text)
    assert corner is not None
    assert (corner[0].key, corner[1].key) == (one, other)


@pytest.mark.parametrize(
    "text",
    [
        "Av. Ipiranga, 1200",
        "Rua Lima e Silva",
        "esquina",
        "esquina da Azenha",
        "x",
        "a x b",
        "",
        "24 de Outubro",
    ],
)
def test_other_texts_are_no_corner(text):
    assert parse_crossing(text) is None


@given(st.text(max_size=300))
def test_anything_typed_can_be_looked_at_for_a_corner(text):
    corner = parse_crossing(text)
    assert corner is None or all(len(w.key) > 1 for w in corner)


@given(st.text(max_size=300))
def test_anything_typed_can_be_taken_apart(text):
    wanted = parse(text)
    assert "\x00" not in wanted.key
    assert wanted.number is None or 0 <= wanted.number < 10**6


@given(st.text(alphabet="abcdeéãç 123'-.", max_size=40))
def test_a_key_is_its_own_key(text):
    assert street_key(street_key(text)) == street_key(text)


@given(st.text(alphabet="AEIOUÃÇÉBCDLMNRST dei '-().12", max_size=60))
def test_capitals_never_change_how_a_name_compares(text):
    assert plain(title_case(text)).replace(" ", "") == plain(" ".join(text.split())).replace(" ", "")
