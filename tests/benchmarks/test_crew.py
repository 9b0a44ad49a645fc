"""A crew's phone among a million requests."""

import random
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from issues.teams.models import User
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity


def _session() -> str:
    """The cookie of a crew member who has signed in, without the cost of a password."""
    user = User.objects.get(username="equipe")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"


def test_open_work_near_me(million_city: LiveCity, report: Report) -> None:
    address = urlsplit(million_city.url)
    host = f"{address.hostname}:{address.port}"
    where = (str(address.hostname), int(address.port or 80))
    cookie = _session()
    dice = random.Random(3)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(i.geom), ST_Y(i.geom) FROM issues_issue i JOIN issues_membership m USING (team_id) "
            "JOIN issues_user u ON u.id = m.user_id AND u.username = 'equipe' "
            "WHERE i.geom IS NOT NULL LIMIT 5000"
        )
        points = cursor.fetchall()

    def batch(order: str, count: int) -> list[bytes]:
        chosen = [dice.choice(points) for _ in range(count)]
        return [
            load.get(f"/api/v1/crew/issues?lat={y}&lng={x}&radius=3000&limit=50&order={order}", host, cookie)
            for x, y in chosen
        ]

    load.run(where, [batch("distance", 50)])
    floor = load.run(where, [[load.get("/saude/", host, cookie)] * 300])
    near = load.run(where, [batch("distance", 300)])
    due = load.run(where, [batch("due", 300)])
    assert near.statuses == due.statuses == {200}
    report("crew.nearby", near.p95, "ms", target=10, floor=floor.p95)
    report("crew.nearby_by_due", due.p95, "ms", target=10, floor=floor.p95)
