"""What can be wrong with a file as a whole, and with one row of it, in the words of the operator."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ImportFault(Exception):
    """Nothing more can be read: which file, which row (0: none in particular), what and the remedy."""

    def __init__(self, what: str, remedy: str, *, file: str = "", row: int = 0) -> None:
        self.what, self.remedy, self.file, self.row = what, remedy, file, row
        super().__init__(what)

    def __str__(self) -> str:
        where = f"{self.file}, linha {self.row}" if self.row else self.file
        return f"{where}: {self.what} → {self.remedy}"


REASONS: dict[str, Promise] = {
    "bad_date": _("data que não se entende"),
    "closed_without_date": _("encerrado sem data de encerramento"),
    "closes_before_opens": _("encerra antes de abrir"),
    "bad_coordinates": _("coordenadas que não são números ou estão fora da Terra"),
    "in_future": _("data no futuro"),
    "long_id": _("identificador com mais de 80 caracteres"),
    "no_coordinates": _("sem coordenadas"),
    "no_date": _("sem data de abertura"),
    "no_id": _("sem identificador"),
    "outside_city": _("fora da cidade"),
    "unknown_channel": _("canal que o mapeamento não traduz"),
    "unknown_service": _("serviço que o mapeamento não traduz"),
    "unknown_state": _("situação que o mapeamento não traduz"),
    "wrong_columns": _("número de colunas diferente do cabeçalho"),
}
