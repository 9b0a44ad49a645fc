"""Whatever is sent to a documented address: no 5xx, and an answer of the documented kind and shape."""

import pytest
import schemathesis
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from geo_central.wsgi import application
from tests.contracts.test_openapi import ALL

EXAMPLES = 20
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# Any text is a possible value of these paths' only parameter, so nothing can be wrong with it.
NEVER_WRONG = {
    "/api/v1/services/{code}",
    "/api/v1/issues/{protocol}",
    "/api/v1/layers",
    "/api/v1/uploads/{photo_id}",
}


@pytest.fixture(scope="module")
def api(own_database, tmp_path_factory):
    limits = dict.fromkeys(settings.RATE_LIMITS, 0)
    with override_settings(RATE_LIMITS=limits, MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


def ask(operation, mode):
    @examples(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def any_question(case):
        case.validate_response(case.call(), checks=CHECKS)

    any_question()


@pytest.mark.parametrize(("verb", "path"), sorted(ALL))
def test_a_good_question_gets_a_documented_answer(api, verb, path):
    ask(api[path][verb.upper()], GenerationMode.POSITIVE)


@pytest.mark.parametrize(("verb", "path"), sorted(a for a in ALL if a[1] not in NEVER_WRONG))
def test_a_bad_question_gets_a_documented_answer(api, verb, path):
    ask(api[path][verb.upper()], GenerationMode.NEGATIVE)
