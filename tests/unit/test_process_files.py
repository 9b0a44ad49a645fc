"""Processes as files: what is wrong with one is told by its code, the file and the step at fault."""

import copy

import pytest
from django.conf import settings

from geo_central.kernel.errors import Invalid
from issues.catalogue import process_choice, process_files
from issues.catalogue.process_choice import Given, Subject, choose

FOLDER = settings.FIXTURES_DIR / "processes"


def step(code, share, outcomes, **more):
    rows = {name: {"name": name.title(), "next": next_} for name, next_ in outcomes.items()}
    return {"code": code, "name": code.title(), "kind": "execution", "team": "routed", "share": share,
            "outcomes": rows, **more}  # fmt: skip


def sound():
    """Look, then mend; what is not good enough is mended again."""
    return {
        "code": "conserto",
        "name": "Conserto",
        "steps": [
            step("vistoria", 0.3, {"ha": ["obra"], "nao-ha": ["end:rejected"]}, kind="inspection"),
            step("obra", 0.7, {"feita": ["end:resolved"], "falta": ["obra"]}),
        ],
    }


def branching():
    """Two works at the same time, and one look at both when they are done."""
    return {
        "code": "lado-a-lado",
        "name": "Lado a lado",
        "steps": [
            step("vistoria", 0.2, {"ha": ["rede", "via"]}),
            step("rede", 0.5, {"feita": ["prova"]}),
            step("via", 0.4, {"feita": ["prova"]}),
            step("prova", 0.3, {"boa": ["end:resolved"]}, joins="all"),
        ],
    }


def fault(given):
    with pytest.raises(Invalid) as refused:
        process_files.parse(given, "conserto.toml")
    assert refused.value.field == "conserto.toml"
    return refused.value


def changed(change, given=None):
    given = copy.deepcopy(given or sound())
    change(given)
    return given


def first(**values):
    return lambda p: p["steps"][0].update(values)


def outcome(**values):
    return lambda p: p["steps"][0]["outcomes"]["ha"].update(values)


@pytest.mark.parametrize("given", [sound(), branching()])
def test_a_sound_process_is_read_and_comes_back_as_it_was(given):
    process = process_files.parse(given, "x.toml")
    again = process_files.restored(process_files.definition(process), id=0, code=process.code, version=0)
    assert again == process
    assert process_files.digest(again) == process_files.digest(process)


def test_the_order_of_outcomes_is_part_of_the_content():
    turned = sound()
    turned["steps"][1]["outcomes"] = dict(reversed(turned["steps"][1]["outcomes"].items()))
    one, other = (process_files.parse(p, "x.toml") for p in (sound(), turned))
    assert process_files.digest(one) != process_files.digest(other)


@pytest.mark.parametrize(
    ("change", "code", "data"),
    [
        (lambda p: p.update(extra=1), "process.bad_row", {}),
        (lambda p: p["steps"][1].pop("share"), "process.bad_row", {}),
        (lambda p: p.update(name=" "), "process.bad_name", {"step": "conserto"}),
        (lambda p: p.update(code="Com Espaço"), "process.bad_name", {}),
        (lambda p: p.update(steps=[]), "process.no_steps", {}),
        (lambda p: p["steps"].append(p["steps"][1]), "process.step_twice", {"step": "obra"}),
        (lambda p: p.update(starts=["nada"]), "process.unknown_start", {"value": "nada"}),
        (lambda p: p.update(reopens=["nada"]), "process.unknown_start", {"value": "nada"}),
        (first(name=""), "process.bad_name", {"step": "vistoria"}),
        (first(kind="dance"), "process.not_a_choice", {"step": "vistoria", "value": "dance"}),
        (first(joins="some"), "process.not_a_choice", {"step": "vistoria", "value": "some"}),
        (first(team="nobody"), "process.bad_team", {"step": "vistoria", "value": "nobody"}),
        (first(team="department"), "process.bad_team", {"value": "department"}),
        (first(team="routed:dmae"), "process.bad_team", {"value": "routed:dmae"}),
        (first(share=0), "process.bad_share", {"step": "vistoria"}),
        (first(share=1.5), "process.bad_share", {"step": "vistoria"}),
        (first(outcomes={}), "process.no_outcome", {"step": "vistoria"}),
        (outcome(name=""), "process.bad_name", {"step": "vistoria.ha"}),
        (outcome(next=[]), "process.bad_next", {"step": "vistoria", "value": "ha"}),
        (outcome(next=["obra", "obra"]), "process.bad_next", {"value": "ha"}),
        (outcome(next=["obra", "end:resolved"]), "process.bad_next", {"value": "ha"}),
        (outcome(next=["nada"]), "process.unknown_next", {"step": "vistoria", "value": "nada"}),
        (outcome(next=["end:resolved"]), "process.unreachable", {"step": "obra"}),
        (lambda p: p["steps"][1]["outcomes"].pop("feita"), "process.no_way_out", {"step": "obra"}),
        (first(share=0.2), "process.shares", {"value": "0.9"}),
        (first(share=0.4), "process.shares", {"value": "1.1"}),
    ],
)
def test_what_is_wrong_is_told_by_its_code_and_step(change, code, data):
    found = fault(changed(change))
    assert found.code == code
    assert data.items() <= found.data.items()


def test_a_fault_in_a_row_names_the_step_and_not_its_number():
    found = fault(changed(lambda p: p["steps"][1].update(share="much")))
    assert found.code == "process.bad_row"
    assert "obra" in found.data["why"]
    assert "$.steps" not in found.data["why"]


def test_branches_that_run_at_once_meet_only_where_both_are_waited_for():
    found = fault(changed(lambda p: p["steps"][3].update(joins="any"), branching()))
    assert (found.code, found.data["step"]) == ("process.branches_meet", "prova")
    assert {found.data["value"], found.data["why"]} == {"rede", "via"}


def test_a_process_with_more_ways_than_can_be_looked_at_is_refused():
    many = [step("s0", 0.01, {f"o{n}": [f"s{n}"] for n in range(1, 12)})]
    many += [
        step(f"s{n}", 0.01, {**{f"o{m}": [f"s{m}"] for m in range(1, 12) if m != n}, "fim": ["end:resolved"]})
        for n in range(1, 12)
    ]
    assert fault({"code": "grande", "name": "Grande", "steps": many}).code == "process.too_large"


@pytest.mark.parametrize(
    ("text", "code"),
    [("code = ", "process.not_toml"), ("code = 'outro'\n", "process.other_code"), ("", "process.other_code")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, text, code):
    path = tmp_path / "conserto.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        process_files.read(path)
    assert (refused.value.code, refused.value.field) == (code, "conserto.toml")


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "conserto.toml"
    path.write_bytes("code = 'conserto' # não".encode("cp1252"))
    with pytest.raises(Invalid, match=r"process\.not_toml"):
        process_files.read(path)


@pytest.mark.parametrize("team", ["department:dmae", "team:dmae-centro", "area:regions"])
def test_a_team_that_the_city_has_not_is_told(team):
    process = process_files.parse(changed(first(team=team)), "conserto.toml")
    named = team.partition(":")[2]
    process_files.check_references(process, departments={named}, teams={named}, layers={named})
    with pytest.raises(Invalid) as refused:
        process_files.check_references(process, departments={"x"}, teams={"x"}, layers={"x"})
    assert (refused.value.code, refused.value.data) == (
        "process.unknown_team",
        {"step": "vistoria", "value": team},
    )


LAMP = Subject("lampada", "iluminacao", "smsurb", True)
FORM = Subject("formulario", "iluminacao", "smf", False)


def given(process, line=2, **says):
    return Given(process, line=line, **says)


def test_the_row_that_says_most_decides_and_one_about_the_service_always():
    rows = [
        given("geral"), given("tema", 3, theme="iluminacao"),
        given("ambos", 4, theme="iluminacao", department="smsurb", geolocated=True),
        given("este", 5, service="formulario"),
    ]  # fmt: skip
    assert choose([LAMP, FORM], rows, processes={"geral", "tema", "ambos", "este"}) == ["ambos", "este"]


@pytest.mark.parametrize(
    ("rows", "code", "field"),
    [
        ([given("a", theme="nada")], "process.unknown_reference", "services.csv: 2"),
        ([given("nenhum")], "process.unknown_reference", "services.csv: 2"),
        (
            [given("a", theme="iluminacao"), given("b", 3, department="smsurb")],
            "process.undecided",
            "lampada",
        ),
        ([given("a", geolocated=False)], "process.none_given", "lampada"),
    ],
)
def test_a_table_that_does_not_decide_is_told(rows, code, field):
    with pytest.raises(Invalid) as refused:
        choose([LAMP, FORM], rows, processes={"a", "b"})
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("process,service\n", "services.csv: 1"),
        ("process,service,theme,department,geolocated,note\na,,,,maybe,\n", "services.csv: 2"),
        ("process,service,theme,department,geolocated,note\na,,\n", "services.csv: 2"),
    ],
)
def test_a_bad_line_of_the_table_is_named(tmp_path, text, field):
    path = tmp_path / "services.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        process_choice.read(path)
    assert (refused.value.code, refused.value.field) == ("process.bad_table", field)


def test_every_process_of_the_city_is_sound_and_every_code_its_file():
    processes = process_files.read_folder(FOLDER)
    assert len(processes) >= 30
    assert sorted(p.code for p in processes) == sorted(p.stem for p in FOLDER.glob("*.toml"))
