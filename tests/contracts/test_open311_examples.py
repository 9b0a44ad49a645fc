"""Whatever is sent to Open311: no 5xx, and an answer of the documented kind and shape."""

import pytest
import schemathesis
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geo_central.kernel import clock
from geo_central.wsgi import application
from issues.interfaces.open311.openapi import described
from issues.interfaces.open311.urls import production
from issues.teams import keys
from issues.teams.models import Team

EXAMPLES = 20
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
ALL = sorted((verb, path) for path, verbs in described()["paths"].items() for verb in verbs)
MODES = {"good": GenerationMode.POSITIVE, "bad": GenerationMode.NEGATIVE}
# Without parameters, or where any text is a possible value of the only one, nothing can be sent wrong.
NEVER_WRONG = {"/open311/v2/discovery.json", "/open311/v2/extensions.json", "/open311/v2/tokens/{token}.json"}
ASKED = [(mode, *one) for mode in MODES for one in ALL if mode == "good" or one[1] not in NEVER_WRONG]


@pytest.fixture(scope="module")
def api(own_database, tmp_path_factory):
    limits = dict.fromkeys(settings.RATE_LIMITS, 0)
    with override_settings(RATE_LIMITS=limits, MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield schemathesis.openapi.from_wsgi("/open311/v2/openapi.json", application)


@pytest.fixture(scope="module")
def secret(api):
    teams = Team.objects.values_list("pk", flat=True)
    scopes = ["report", "update"]
    return keys.make(name="Qualquer", scopes=scopes, quota=0, teams=teams, by=None, now=clock.now())[1]


@pytest.mark.parametrize(("mode", "verb", "path"), ASKED)
def test_any_question_gets_a_documented_answer(api, secret, mode, verb, path):
    operation = api[path][verb.upper()]

    @examples(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None, deadline=None)
    @given(operation.as_strategy(generation_mode=MODES[mode]))
    def any_question(case):
        if verb == "post":  # beyond the door, too
            case.query = {**(case.query or {}), "api_key": secret}
            if isinstance(case.body, dict):
                case.body.pop("api_key", None)
        case.validate_response(case.call(), checks=CHECKS)

    any_question()


def test_every_address_is_described():
    named = {p.name for p in production if p.name} - {"help", "root", "openapi"}
    assert len(described()["paths"]) == len(named)
