"""Whatever is sent to a request that exists, by somebody who may act on it: an answer as documented."""

import pytest
import schemathesis
from django.conf import settings
from django.test import Client, override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis import GenerationMode

from geo_central.wsgi import application
from issues.lifecycle.models import Event
from tests.contracts.test_openapi_examples import CHECKS
from tests.factories.acts import person
from tests.factories.acts_http import by_steps, pothole

EXAMPLES = 60
STAFF = "/api/v1/crew/issues/{protocol}/acts/"
REPORTER = "/api/v1/requests/{token}/acts/"


@pytest.fixture(scope="module")
def api(own_database):
    with override_settings(RATE_LIMITS=dict.fromkeys(settings.RATE_LIMITS, 0)):
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(scope="module")
def row(own_database):
    return by_steps(pothole())


@pytest.fixture(scope="module")
def session(own_database):
    """The cookies and headers of a manager who has signed in."""
    client = Client()
    client.force_login(person("manager"))
    token = "x" * 32
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "cookies": {settings.SESSION_COOKIE_NAME: cookie, settings.CSRF_COOKIE_NAME: token},
        "headers": {"X-CSRFToken": token},
    }


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", [STAFF, REPORTER])
def test_any_act_on_a_request_that_exists_gets_a_documented_answer(api, row, session, path, mode):
    before, seen = Event.objects.count(), set()

    @examples(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(api[path]["POST"].as_strategy(generation_mode=mode))
    def any_act(case):
        case.path_parameters = {"protocol": row.protocol, "token": row.token}
        case.headers, case.cookies = {}, {}
        answer = case.call(**(session if path == STAFF else {}))
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    any_act()
    assert not seen & {403, 404} - ({403} if path == REPORTER else set()), seen
    assert (201 in seen) == (Event.objects.count() > before)
