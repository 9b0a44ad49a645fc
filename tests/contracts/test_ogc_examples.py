"""Whatever is sent to the OGC API: no 5xx, and an answer of the documented kind and shape."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geo_central.wsgi import application

EXAMPLES = 15
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
PATHS = [
    "/",
    "/conformance",
    "/collections",
    "/collections/issues",
    "/collections/areas-bairros/schema",
    "/collections/issues/items",
    "/collections/issues/items/{featureId}",
    "/collections/areas-regions/items",
    "/collections/hotspots/items",
    "/collections/ratings/items",
    "/collections/services/items/{featureId}",
]
MODES = {"good": GenerationMode.POSITIVE, "bad": GenerationMode.NEGATIVE}
# Nothing can be sent wrong where any text may be asked for.
NEVER_WRONG = {"/collections/areas-bairros/schema"}


@pytest.fixture(scope="module")
def api(own_database):
    return schemathesis.openapi.from_wsgi("/ogc/api", application)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", MODES)
def test_any_question_gets_a_documented_answer(api, mode, path):
    if mode == "bad" and path in NEVER_WRONG:
        return
    operation = api[path]["GET"]

    @examples(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None, deadline=None)
    @given(operation.as_strategy(generation_mode=MODES[mode]))
    def any_question(case):
        # The caller in this process does not unzip.
        case.headers = {**(case.headers or {}), "Accept-Encoding": "identity"}
        case.validate_response(case.call(), checks=CHECKS)

    any_question()
