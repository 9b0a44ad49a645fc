"""Personal values at rest: sealed, found again by a keyed hash, and useless without the key."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Unready
from issues.citizens import _vault


@pytest.fixture
def key(settings):
    """Sets the master key for one test."""

    def use(value: str) -> None:
        settings.PERSONAL_DATA_KEY = value
        _vault._key.cache_clear()

    yield use
    _vault._key.cache_clear()


@given(st.text(max_size=200))
def test_what_is_sealed_is_unsealed(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert _vault.unseal(_vault.seal(text)) == text


def test_sealing_twice_gives_other_bytes_and_never_the_text():
    one, other = _vault.seal("+5551999998888"), _vault.seal("+5551999998888")
    assert one != other
    assert b"99999" not in one


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_changed_byte_is_noticed(at, change):
    sealed = bytearray(_vault.seal("Ana Maria"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(InvalidTag):
        _vault.unseal(bytes(sealed))


def test_a_digest_is_the_same_for_the_same_text_and_says_nothing_of_it():
    assert _vault.digest("tel:1") == _vault.digest("tel:1")
    assert _vault.digest("tel:1") != _vault.digest("tel:2")
    assert len(_vault.digest("tel:1")) == 32


def test_another_key_gives_other_digests_and_opens_nothing(key):
    sealed, digest = _vault.seal("Ana"), _vault.digest("tel:1")
    key(base64.b64encode(b"k" * 32).decode())
    assert _vault.digest("tel:1") != digest
    with pytest.raises(InvalidTag):
        _vault.unseal(sealed)


@pytest.mark.parametrize("bad", ["", "curta", "não é base64!", base64.b64encode(b"short").decode()])
def test_without_a_good_key_nothing_is_kept(key, bad):
    key(bad)
    with pytest.raises(Unready) as refused:
        _vault.seal("Ana")
    assert refused.value.code == "vault.no_key"
