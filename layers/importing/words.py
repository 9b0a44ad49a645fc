"""The failures of loading, in an operator's words. No traceback: the sentence says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geo_central.kernel.errors import DomainError

WORDS: dict[str, Promise] = {
    "source.missing": _("O arquivo %(path)s não existe."),
    "source.unreadable": _("Não foi possível ler %(path)s como arquivo geográfico: %(why)s"),
    "source.no_geometry": _("%(path)s não tem geometria. Para uma tabela, informe --x-field e --y-field."),
    "source.no_field": _("O campo “%(wanted)s” não existe. Campos do arquivo: %(known)s."),
    "source.no_crs": _(
        "O arquivo não diz em que sistema de coordenadas está. Informe --crs, por exemplo --crs EPSG:31982."
    ),
    "source.bad_crs": _("“%(crs)s” não é um sistema de coordenadas que o PROJ conheça."),
    "source.bad_where": _("A condição de --where não foi aceita: %(why)s"),
    "source.no_package": _("O pacote %(package)s não está instalado: pip install --no-deps %(package)s"),
    "layer.unknown": _("A camada “%(layer)s” não existe ou não tem versão publicada."),
    "layer.empty": _("Nada a carregar na camada “%(layer)s”: nenhuma feição aproveitável."),
    "layer.other_kind": _("A camada “%(layer)s” já existe e é de outro tipo (%(kind)s)."),
    "layer.repeated_code": _("Há códigos repetidos nas feições da camada “%(layer)s”."),
    "table.no_column": _("A tabela precisa das colunas code ou name, region e region_name: %(known)s."),
    "table.missing": _("A tabela não diz a região de: %(names)s."),
    "layer.unknown_version": _("Não há versão %(version)s."),
    "layer.already_published": _("A versão %(version)s já está publicada."),
    "layer.already_retired": _("A versão %(version)s já foi retirada."),
    "table.unreadable": _("A tabela não é um CSV em UTF-8: %(why)s"),
}


def describe(error: DomainError) -> str:
    """One sentence about an error for the terminal."""
    text = WORDS.get(error.code)
    return gettext(str(text)) % error.data if text is not None else str(error)
