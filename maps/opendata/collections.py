"""What of the city anybody may have: the public collections, their columns and what these mean.

One list for every way out (files, OGC API): the columns are named one by one, here and in the SQL of each
collection, which already obeys precision, moderation and small numbers. A contract test pins both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geo_central.kernel.sql import load

from .scoring import LEAST_RATED

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: text, integer, number, boolean, date or datetime (with its zone).

    `filters`: whether a query of the API may ask for rows with one value of it.
    """

    name: str
    kind: str
    title: Words
    help_text: Words
    filters: bool = False


@dataclass(frozen=True)
class Collection:
    """Rows of one kind. Its SELECT gives `_key` (bigint, unique), `_at` (timestamptz; null where rows have
    no time), `geom` where `geometry` is not empty (EPSG:4326), and the columns."""

    slug: str
    title: Words
    help_text: Words
    columns: tuple[Column, ...]
    query: str
    """The name of its SELECT."""
    geometry: str = ""
    """The type of GeoJSON, or nothing."""
    time: str = ""
    """The column that `_at` is, or nothing."""
    id_column: str = ""
    """The column that names a row for good, or nothing: then it is `_key`."""

    @cached_property
    def sql(self) -> str:
        """The SELECT, to be read as a table: `FROM (sql) AS c`. Its parameters are those of `parameters`."""
        return load(Path(__file__).parent / "sql" / f"{self.query}.sql").rstrip()

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)


def parameters() -> Mapping[str, Any]:
    """What the SELECTs need to be told."""
    return {"zone": settings.CITY.timezone, "least": LEAST_RATED}


_SERVICE = Column("service", "text", _("Serviço"), _("Código do serviço na carta de serviços."), True)
_SERVICE_NAME = Column("service_name", "text", _("Nome do serviço"), _("Nome do serviço na carta."))
_THEME = Column("theme", "text", _("Tema"), _("Código do tema do serviço."), True)
_THEME_NAME = Column("theme_name", "text", _("Nome do tema"), _("Nome do tema do serviço."))
_PROTOCOL = Column("protocol", "text", _("Protocolo"), _("Número público do chamado."), True)

ISSUES = Collection(
    "issues",
    _("Chamados"),
    _("Os pedidos feitos à cidade por qualquer canal, com o lugar na precisão que o serviço permite."),
    (
        _PROTOCOL,
        _SERVICE,
        _SERVICE_NAME,
        _THEME,
        _THEME_NAME,
        Column("department", "text", _("Órgão"), _("Código do órgão responsável."), True),
        Column("team", "text", _("Equipe"), _("Código da equipe com quem o chamado está."), True),
        Column("channel", "text", _("Canal"), _("Por onde o chamado chegou."), True),
        Column("state", "text", _("Estado"), _("Em que ponto o chamado está."), True),
        Column("is_open", "boolean", _("Aberto"), _("Se ainda não foi encerrado."), True),
        Column("opened_at", "datetime", _("Aberto em"), _("Quando o chamado foi registrado.")),
        Column("due_at", "datetime", _("Prazo"), _("Até quando deve ser atendido.")),
        Column("updated_at", "datetime", _("Atualizado em"), _("Quando algo mudou pela última vez.")),
        Column("closed_at", "datetime", _("Encerrado em"), _("Quando foi encerrado; vazio se está aberto.")),
        Column(
            "precision",
            "text",
            _("Precisão"),
            _("exact: o ponto; grid_100m: o meio de um quadrado de 100 m; area: só o bairro e a região."),
            True,
        ),
        Column("district", "text", _("Região"), _("Código da região, como no conjunto de áreas."), True),
        Column("neighbourhood", "text", _("Bairro"), _("Código do bairro, como no conjunto de áreas."), True),
        Column("address", "text", _("Endereço"), _("Só de serviços cuja precisão é exact.")),
        Column("description", "text", _("Descrição"), _("Palavras de quem pediu, depois de moderadas.")),
        Column("duplicate_of", "text", _("Repete"), _("Protocolo do chamado que já tratava do mesmo.")),
        Column("followers", "integer", _("Seguidores"), _("Quantas pessoas disseram que é o mesmo caso.")),
    ),
    query="public_issues",
    geometry="Point",
    time="opened_at",
    id_column="protocol",
)

EVENTS = Collection(
    "events",
    _("Acontecimentos"),
    _("O que houve com cada chamado, passo a passo, na parte que é pública."),
    (
        Column("id", "integer", _("Número"), _("Número do acontecimento, que não muda.")),
        _PROTOCOL,
        _SERVICE,
        Column("event", "text", _("Acontecimento"), _("O que houve: opened, assigned, resolved…"), True),
        Column("at", "datetime", _("Quando"), _("Quando aconteceu.")),
        Column("recorded_at", "datetime", _("Registrado em"), _("Quando ficamos sabendo.")),
        Column(
            "by", "text", _("Por quem"), _("citizen, staff, system ou partner; vazio se não se sabe."), True
        ),
        Column("state", "text", _("Estado"), _("O estado em que deixou o chamado, se o mudou."), True),
        Column("team", "text", _("Equipe"), _("Código da equipe de que trata."), True),
        Column("reason", "text", _("Motivo"), _("Código do motivo, onde foi dado.")),
    ),
    query="public_events",
    time="at",
    id_column="id",
)

RATINGS = Collection(
    "ratings",
    _("Avaliações"),
    _("Como os cidadãos avaliaram o resultado, por serviço e mês, na cidade e em cada região."),
    (
        Column("month", "date", _("Mês"), _("Primeiro dia do mês das avaliações.")),
        _SERVICE,
        _SERVICE_NAME,
        Column("district", "text", _("Região"), _("Código da região; vazio: a cidade toda."), True),
        Column(
            "n", "integer", _("Avaliações"), _("Quantas foram; linhas com menos de 5 não são publicadas.")
        ),
        Column("n1", "integer", _("Muito ruim"), _("Quantas com a primeira carinha.")),
        Column("n2", "integer", _("Ruim"), _("Quantas com a segunda carinha.")),
        Column("n3", "integer", _("Regular"), _("Quantas com a terceira carinha.")),
        Column("n4", "integer", _("Bom"), _("Quantas com a quarta carinha.")),
        Column("n5", "integer", _("Muito bom"), _("Quantas com a quinta carinha.")),
        Column("score", "number", _("Nota"), _("Média na escala da cidade, de -5 a +5.")),
    ),
    query="public_ratings",
    time="month",
)

SERVICES = Collection(
    "services",
    _("Serviços"),
    _("A carta de serviços: o que se pode pedir, a quem cabe e em quanto tempo."),
    (
        Column("code", "text", _("Código"), _("Código do serviço."), True),
        Column("name", "text", _("Nome"), _("Nome do serviço na carta.")),
        Column("description", "text", _("Descrição"), _("O que é o serviço.")),
        _THEME,
        _THEME_NAME,
        Column("department", "text", _("Órgão"), _("Código do órgão responsável."), True),
        Column("department_name", "text", _("Nome do órgão"), _("Nome do órgão responsável.")),
        Column("target", "integer", _("Meta"), _("Em quanto tempo deve ser atendido.")),
        Column("target_unit", "text", _("Unidade da meta"), _("working_days, calendar_days ou hours.")),
        Column("geolocated", "boolean", _("Tem lugar"), _("Se um chamado dele tem um lugar no mapa."), True),
        Column(
            "channels", "text", _("Canais"), _("Por onde pode ser pedido, separados por ponto e vírgula.")
        ),
        Column(
            "precision",
            "text",
            _("Precisão"),
            _("Quanto do lugar é público: exact, grid_100m ou area."),
            True,
        ),
        Column(
            "moderation",
            "text",
            _("Moderação"),
            _("pre: textos e fotos públicos depois de moderados; never: nunca."),
        ),
        Column("is_active", "boolean", _("Em vigor"), _("Se pode ser pedido agora."), True),
    ),
    query="public_services",
    id_column="code",
)

AREAS = Collection(
    "areas",
    _("Áreas"),
    _("Os limites usados pela cidade: bairros, regiões, o município e outros que foram publicados."),
    (
        Column("layer", "text", _("Camada"), _("Código do conjunto de limites a que a área pertence."), True),
        Column("layer_name", "text", _("Nome da camada"), _("Nome do conjunto de limites.")),
        Column("code", "text", _("Código"), _("Código da área, estável entre edições."), True),
        Column("name", "text", _("Nome"), _("Nome da área.")),
        Column("area_km2", "number", _("Área"), _("Em quilômetros quadrados.")),
        Column("published_at", "datetime", _("Publicada em"), _("Desde quando esta edição vale.")),
    ),
    query="public_areas",
    geometry="MultiPolygon",
)

HOTSPOTS = Collection(
    "hotspots",
    _("Focos"),
    _("Células com mais ou menos chamados do que o acaso explicaria, com o teste de cada uma."),
    (
        Column("theme", "text", _("Tema"), _("Código do tema; vazio: todos."), True),
        Column("services", "text", _("Serviços"), _("Códigos, separados por ponto e vírgula; vazio: todos.")),
        Column("first", "date", _("Primeiro dia"), _("Primeiro dia de abertura dos chamados contados.")),
        Column("last", "date", _("Último dia"), _("Último dia de abertura, incluído.")),
        Column("code", "text", _("Célula"), _("O mesmo lugar tem o mesmo código em toda edição."), True),
        Column("area", "text", _("Bairro"), _("Nome do bairro em que a célula fica.")),
        Column("n", "integer", _("Chamados"), _("Quantos há na célula.")),
        Column("rate", "number", _("Taxa"), _("Por unidade de exposição, alisada; vazio sem exposição.")),
        Column("z", "number", _("Gi*"), _("A estatística de Getis e Ord.")),
        Column("p", "number", _("Valor p"), _("Bilateral, antes da correção para muitos testes.")),
        Column("heat", "integer", _("Foco"), _("1: quente; -1: frio; 0: nenhum, depois da correção."), True),
        Column("pattern", "text", _("História"), _("hot_new, hot_persistent… como no mapa de focos."), True),
        Column("trend", "number", _("Tendência"), _("z de Mann e Kendall ao longo do tempo.")),
        Column("finished_at", "datetime", _("Calculado em"), _("Quando esta edição ficou pronta.")),
    ),
    query="public_hotspots",
    geometry="Polygon",
    time="finished_at",
)

COLLECTIONS: Mapping[str, Collection] = {
    c.slug: c for c in (ISSUES, EVENTS, RATINGS, SERVICES, AREAS, HOTSPOTS)
}
"""Every public collection, by its slug, in the order of lists."""
