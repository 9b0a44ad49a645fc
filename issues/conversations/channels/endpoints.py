"""Where a push message may be sent. A browser names the address, so it is not to be trusted:
only the push services that the operator lists, by https, and never a machine of our own network.
"""

from django.conf import settings

from issues.intake.outside import Address, OutsideFailed, OutsideRefused, locate, split

from .base import Passing, Permanent

LIMIT = 1024


def parse(address: str) -> Address | None:
    """The parts of an address that may be pushed to, or None. Looks nothing up.

    settings.PUSH_HOSTS lists names (a name allows itself and what ends in it) and, for development,
    whole origins such as http://127.0.0.1:9000.
    """
    found = split(address) if len(address) <= LIMIT else None
    if found is None or found.origin in settings.PUSH_HOSTS:
        return found
    host = found.host
    allowed = (name for name in settings.PUSH_HOSTS if "://" not in name)
    named = any(host == name or host.endswith(f".{name}") for name in allowed)
    return found if named and found.scheme == "https" and found.port == 443 else None


def resolve(address: str) -> Address:
    """An endpoint with the machine behind it. Raises Permanent or Passing.

    A name that leads into a private network is refused, unless its whole origin is listed.
    """
    found = parse(address)
    if found is None:
        raise Permanent("push: endpoint not allowed")
    try:
        return locate(found, settings.PUSH_HOSTS)
    except OutsideRefused as error:
        raise Permanent("push: endpoint in a private network") from error
    except OutsideFailed as error:
        raise Passing(f"push: {error}") from error
