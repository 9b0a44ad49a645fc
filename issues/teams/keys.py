"""Keys of programs: made once, shown once, kept as a digest, revoked for good."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.errors import Forbidden, Invalid
from geo_central.kernel.sql import Query

from .models import ApiKey

_USED = Query(__file__, "key_used")
_BYTES = 24
SCOPES = tuple(ApiKey.Scope.values)
MOST_A_MINUTE = 100_000


@dataclass(frozen=True, slots=True)
class Key:
    """Who calls, and what it may: `quota` calls a minute (0: any); updates of requests of `teams`."""

    id: int
    name: str
    scopes: frozenset[str]
    quota: int
    teams: frozenset[int]


def use(secret: str, scope: str, *, now: datetime) -> Key:
    """The key of that secret. Raises Forbidden `key.missing`, `key.unknown`, `key.not_for_this`."""
    if not secret:
        raise Forbidden("key.missing", field="api_key")
    row = _USED.one({"digest": _digest(secret), "now": now})
    if row is None:
        raise Forbidden("key.unknown", field="api_key")
    if scope not in row.scopes:
        raise Forbidden("key.not_for_this", field="api_key", scope=scope)
    return Key(row.id, row.name, frozenset(row.scopes), row.quota, frozenset(row.teams))


def make(
    *,
    name: str,
    scopes: Collection[str],
    quota: int,
    contact: str = "",
    teams: Collection[int] = (),
    by: int | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is not kept.

    Raises Invalid naming `nome`, `escopos`, `equipes` or `limite`.
    """
    if not name.strip():
        raise Invalid("field.required", field="nome")
    wrong = next((s for s in scopes if s not in SCOPES), None)
    if wrong is not None:
        raise Invalid("field.not_a_choice", field="escopos", value=wrong[:40])
    if not scopes:
        raise Invalid("field.required", field="escopos")
    if "update" in scopes and not teams:
        raise Invalid("key.teams_missing", field="equipes")
    if not 0 <= quota <= MOST_A_MINUTE:
        raise Invalid("field.out_of_range", field="limite", low=0, high=MOST_A_MINUTE)
    secret = secrets.token_urlsafe(_BYTES)
    key = ApiKey.objects.create(
        name=name.strip()[:120],
        contact=contact.strip()[:200],
        digest=_digest(secret),
        hint=secret[:4],
        scopes=sorted(set(scopes)),
        quota=quota,
        created_at=now,
        created_by_id=by,
    )
    key.teams.set(teams)
    return key, secret


def revoke(key_id: int, *, now: datetime) -> None:
    """From now on it opens nothing. Repeatable; an unknown key is none."""
    ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now)


def every_key() -> list[ApiKey]:
    """Every key, the live ones first."""
    found = ApiKey.objects.select_related("created_by")
    return sorted(found, key=lambda k: (bool(k.revoked_at), k.name, k.pk))


def _digest(secret: str) -> bytes:
    # A random secret of 24 bytes needs no slow hash.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
