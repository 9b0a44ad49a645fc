"""What is answered beyond GeoReport v2, for programs and for people: one list."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from .door import answer, door

# (name, resource, parameters, what it does)
EXTENSIONS: tuple[tuple[str, str, tuple[str, ...], Any], ...] = (
    (
        "paging",
        "GET requests",
        ("page", "page_size", "cursor"),
        _("Páginas a partir de 1, até 1000 por página; X-Total-Count diz quantos há e Link leva à seguinte."),
    ),
    (
        "updated",
        "GET requests",
        ("updated_after", "updated_before"),
        _("Pedidos que mudaram no período, de qualquer data."),
    ),
    (
        "place",
        "GET requests",
        ("bbox", "lat", "long", "radius"),
        _("No retângulo oeste,sul,leste,norte, ou a tantos metros de um ponto (500; até 10000)."),
    ),
    ("words", "GET requests", ("q",), _("Palavras no que é público: serviço, endereço e texto moderado.")),
    (
        "details",
        "GET requests",
        ("extensions",),
        _("Com “true”, extended_attributes e notes: estado exato, canal, bairro, região, fotos e andamento."),
    ),
    (
        "updates",
        "GET, POST servicerequestupdates",
        ("start_date", "end_date", "service_request_id", "update_id", "status", "description"),
        _("O que aconteceu aos pedidos; e o que outro sistema diz que fez, com uma chave para isso."),
    ),
    ("services_at", "GET services", ("lat", "long"), _("Só os serviços que se pedem para um lugar.")),
    ("media", "POST requests", ("media",), _("Até 5 fotos em multipart, com qualquer nome de campo.")),
    (
        "media_url",
        "POST requests",
        ("media_url",),
        _("Repetido, ou vários endereços separados por vírgula; as fotos são buscadas em instantes."),
    ),
    (
        "address_id",
        "GET, POST requests",
        ("address_id",),
        _("Rua e número em letras simples, como rua-general-lima-e-silva-750; não muda com o mapa."),
    ),
    (
        "idempotency",
        "POST requests",
        ("Idempotency-Key",),
        _("Cabeçalho: o mesmo valor com a mesma chave é o mesmo pedido, quantas vezes for enviado."),
    ),
)


@door("GET")
def catalogue(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """The list as a resource."""
    told = [
        {"name": name, "resource": resource, "parameters": list(parameters), "description": str(words)}
        for name, resource, parameters, words in EXTENSIONS
    ]
    return answer("extensions", told, form)
