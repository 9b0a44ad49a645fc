"""The demo's logins, whatever their random password begins with."""

import pytest
from django.core.management import CommandError, call_command

from issues.teams.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("password", ["-hCk3v_x9Qa", "--password", "uma-senha"])
def test_everybody_of_the_demo_signs_in_with_the_password_given(password):
    call_command("seed_demo", issues=0, password=password, verbosity=0)
    for name in ("admin", "gestora", "planejador", "atendente", "chefe", "equipe"):
        assert User.objects.get(username=name).check_password(password)


def test_a_demo_without_a_password_is_refused():
    with pytest.raises(CommandError, match="--password"):
        call_command("seed_demo", issues=0)
