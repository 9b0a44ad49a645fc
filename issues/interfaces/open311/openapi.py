"""The OpenAPI document of these addresses: GeoReport v2 and what is answered beyond it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NONE: Schema = {"type": "string", "nullable": True}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_MOMENT_OR_NONE: Schema = {"type": "string", "format": "date-time", "nullable": True}


def document(request: HttpRequest) -> HttpResponse:
    """The document as JSON."""
    response = JsonResponse(described())
    response["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def described() -> Schema:
    """The whole document; it changes only with the code."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "GeoCentral Open311",
            "version": "2",
            "description": "GeoReport v2. Every address also answers in XML: .xml in place of .json.",
        },
        "paths": {
            "/open311/v2/discovery.json": {"get": _reads("discovery", "Endpoints and forms", _object())},
            "/open311/v2/extensions.json": {
                "get": _reads("extensions", "What is answered beyond the standard", _list(_object()))
            },
            "/open311/v2/services.json": {
                "get": _reads("services", "Services", _list(_SERVICE), _query(_JURISDICTION, *_POINT))
            },
            "/open311/v2/services/{service_code}.json": {
                "get": _reads(
                    "service",
                    "What a service asks",
                    _DEFINITION,
                    [_path("service_code"), *_query(_JURISDICTION)],
                )
            },
            "/open311/v2/requests.json": {
                "get": _reads("requests", "Requests, newest first", _list(_REQUEST), _query(*_LIST)),
                "post": _writes("report", "File a request", _REPORT, _list(_object())),
            },
            "/open311/v2/requests/{service_request_id}.json": {
                "get": _reads(
                    "request",
                    "One request",
                    _list(_REQUEST),
                    [_path("service_request_id"), *_query(_JURISDICTION)],
                )
            },
            "/open311/v2/tokens/{token}.json": {
                "get": _reads("token", "The request of a token", _list(_object()), [_path("token")])
            },
            "/open311/v2/servicerequestupdates.json": {
                "get": _reads("updates", "What happened to requests", _list(_UPDATE), _query(*_UPDATES)),
                "post": _writes("update", "What became of a request", _TOLD, _list(_object())),
            },
        },
    }


def _object(**properties: Schema) -> Schema:
    return (
        {"type": "object", "properties": properties, "required": sorted(properties)}
        if properties
        else {"type": "object"}
    )


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _answers(schema: Schema, *statuses: int) -> Schema:
    errors = _list(_object(code={"type": "integer"}, description=_TEXT))
    said = {str(s): {"description": "Errors", "content": _json(errors)} for s in statuses}
    return {"200": {"description": "The resource", "content": _json(schema)}, **said}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _reads(name: str, summary: str, schema: Schema, parameters: list[Schema] | None = None) -> Schema:
    return {
        "operationId": f"open311_{name}",
        "summary": summary,
        "parameters": parameters or [],
        "responses": _answers(schema, 400, 404),
    }


def _writes(name: str, summary: str, body: Schema, schema: Schema) -> Schema:
    return {
        "operationId": f"open311_{name}",
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": body}
                for kind in ("application/x-www-form-urlencoded", "multipart/form-data")
            },
        },
        "responses": _answers(schema, 400, 403, 404, 429, 503),
    }


def _path(name: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
    }


def _query(*named: tuple[str, Schema, str]) -> list[Schema]:
    return [
        {"name": name, "in": "query", "schema": schema, "description": words} for name, schema, words in named
    ]


_JURISDICTION = ("jurisdiction_id", _TEXT, "This city; may be left out.")
_LAT: Schema = {"type": "number", "minimum": -90, "maximum": 90}
_LONG: Schema = {"type": "number", "minimum": -180, "maximum": 180}
_POINT = (
    ("lat", _LAT, "Degrees, EPSG:4326; with `long`."),
    ("long", _LONG, "Degrees, EPSG:4326; with `lat`."),
)
_SERVICE = _object(
    service_code=_TEXT,
    service_name=_TEXT,
    description=_TEXT,
    metadata={"type": "boolean"},
    type={"type": "string", "enum": ["realtime", "batch", "blackbox"]},
    keywords=_TEXT,
    group=_TEXT,
)
_DEFINITION = _object(
    service_code=_TEXT,
    attributes=_list(
        _object(
            variable={"type": "boolean"},
            code=_TEXT,
            datatype={
                "type": "string",
                "enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"],
            },
            required={"type": "boolean"},
            datatype_description=_TEXT,
            order={"type": "integer", "minimum": 1},
            description=_TEXT,
            values=_list(_object(key=_TEXT, name=_TEXT)),
        )
    ),
)
_REQUEST = _object(
    service_request_id=_TEXT,
    status={"type": "string", "enum": ["open", "closed"]},
    status_notes=_TEXT_OR_NONE,
    service_name=_TEXT,
    service_code=_TEXT,
    description=_TEXT_OR_NONE,
    agency_responsible=_TEXT,
    service_notice=_TEXT_OR_NONE,
    requested_datetime=_MOMENT,
    updated_datetime=_MOMENT,
    expected_datetime=_MOMENT_OR_NONE,
    address=_TEXT,
    address_id=_TEXT_OR_NONE,
    zipcode=_TEXT_OR_NONE,
    lat=_LAT,
    long=_LONG,
    media_url=_TEXT_OR_NONE,
)
_LIST = (
    _JURISDICTION,
    ("service_request_id", _TEXT, "Numbers, comma separated; overrides everything else."),
    ("service_code", _TEXT, "Codes, comma separated."),
    ("start_date", _MOMENT, "Asked for from then on."),
    ("end_date", _MOMENT, "Asked for until then; 90 days after `start_date` at most."),
    ("status", _TEXT, "open, closed, or both by a comma."),
    ("updated_after", _MOMENT, "Changed since."),
    ("updated_before", _MOMENT, "Changed until."),
    ("bbox", _TEXT, "west,south,east,north in degrees."),
    *_POINT,
    ("radius", {"type": "integer", "minimum": 1, "maximum": 10000}, "Metres around `lat` and `long`."),
    ("q", {"type": "string", "maxLength": 200}, "Words of what is public."),
    ("extensions", {"type": "string", "enum": ["true", "false"]}, "More fields."),
    ("page", {"type": "integer", "minimum": 1, "maximum": 1000000}, "From 1."),
    ("page_size", {"type": "integer", "minimum": 1, "maximum": 1000}, "50 unless told."),
    ("cursor", _TEXT, "As in `Link`."),
)
_UPDATE = _object(
    update_id=_TEXT,
    service_request_id=_TEXT,
    status=_TEXT,
    updated_datetime=_MOMENT,
    description=_TEXT_OR_NONE,
    media_url=_TEXT_OR_NONE,
)
_UPDATES = (
    _JURISDICTION,
    ("start_date", _MOMENT, "From then on; a day before `end_date` unless told."),
    ("end_date", _MOMENT, "Until then; now unless told."),
    ("service_request_id", _TEXT, "One request."),
    ("cursor", _TEXT, "As in `Link`."),
)


def _form(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


_REPORT = _form(
    ("api_key", "service_code"),
    api_key=_TEXT,
    jurisdiction_id=_TEXT,
    service_code=_TEXT,
    lat=_LAT,
    long=_LONG,
    address_string=_TEXT,
    address_id=_TEXT,
    description={"type": "string", "maxLength": 4000},
    email=_TEXT,
    first_name=_TEXT,
    last_name=_TEXT,
    phone=_TEXT,
    device_id=_TEXT,
    media=_list({"type": "string", "format": "binary"}),
    media_url=_TEXT,
    account_id=_TEXT,
)
_TOLD = _form(
    ("api_key", "service_request_id", "update_id", "status"),
    api_key=_TEXT,
    jurisdiction_id=_TEXT,
    service_request_id=_TEXT,
    update_id=_TEXT,
    updated_datetime=_MOMENT,
    status=_TEXT,
    description=_TEXT,
)
