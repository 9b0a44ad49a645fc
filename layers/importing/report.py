"""What a load refused or repaired, feature by feature, in words."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    "no_name": _("sem nome"),
    "long_name": _("o nome tem mais de 200 caracteres"),
    "no_code": _("sem código"),
    "repeated_code": _("o código repete o de outra feição"),
    "code_of_other_name": _("o código já pertence a uma feição com outro nome"),
    "no_geometry": _("sem geometria"),
    "outside_earth": _("coordenadas fora da Terra: confira o sistema de coordenadas"),
    "not_an_area": _("linha ou ponto em uma camada de áreas"),
    "not_a_line": _("não é uma linha, e a camada é de ruas"),
    "not_a_point": _("não é um ponto, e a camada é de pontos"),
    "no_area_left": _("não sobra área alguma depois de consertar o polígono"),
    "several_points": _("vários pontos em uma só feição"),
    "made_valid": _("polígono inválido, consertado"),
    "dropped_lines": _("linhas ou pontos soltos descartados"),
    "no_number": _("sem número que se possa ler"),
    "no_street": _("sem nome de rua"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One feature of the source (`row` counts from 1) and what was said of it."""

    row: int
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.row}: {self.name or '—'}: {REASONS[self.reason]}"


@dataclass(slots=True)
class Report:
    """Everything that was not taken as it came."""

    read: int = 0
    refused: list[Remark] = field(default_factory=list)
    repaired: list[Remark] = field(default_factory=list)

    def refuse(self, row: int, name: str, reason: str) -> None:
        self.refused.append(Remark(row, name, reason))

    def repair(self, row: int, name: str, reason: str) -> None:
        self.repaired.append(Remark(row, name, reason))
