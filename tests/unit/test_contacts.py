"""How to reach somebody, written one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid
from issues.citizens.contacts import Contact, check_contact


@pytest.mark.parametrize(
    "typed",
    [
        "51999998888",
        "(51) 99999-8888",
        "051 99999 8888",
        "+55 51 99999-8888",
        " +5551999998888 ",
        "51.99999.8888",
    ],
)
def test_a_local_phone_is_kept_as_e164(typed):
    assert check_contact("", typed, "").phone == "+5551999998888"


def test_a_fixed_line_and_a_foreign_phone_are_phones():
    assert check_contact("", "(51) 3289-0156", "").phone == "+555132890156"
    assert check_contact("", "+598 94 123 456", "").phone == "+59894123456"


@pytest.mark.parametrize(
    "typed", ["1", "99999", "+", "telefone", "+55 00 0000", "9" * 41, "51 99999-88", "-" * 40]
)
def test_a_bad_phone_is_refused_by_name(typed):
    with pytest.raises(Invalid) as refused:
        check_contact("", typed, "")
    assert (refused.value.code, refused.value.field) == ("contact.bad_phone", "contact.phone")


def test_an_email_is_kept_in_lower_case():
    assert check_contact("", "", " Ana.Maria@Example.COM ").email == "ana.maria@example.com"


@pytest.mark.parametrize(
    "typed", ["ana", "ana@", "@example.com", "a b@example.com", "ana@example", "a@b@c.com"]
)
def test_a_bad_email_is_refused_by_name(typed):
    with pytest.raises(Invalid) as refused:
        check_contact("", "", typed)
    assert (refused.value.code, refused.value.field) == ("contact.bad_email", "contact.email")


def test_a_name_is_written_with_single_spaces():
    assert check_contact("  Ana \t Maria  ", "", "").name == "Ana Maria"


def test_a_name_beyond_the_limit_is_refused_by_name():
    with pytest.raises(Invalid) as refused:
        check_contact("x" * 121, "", "")
    assert (refused.value.code, refused.value.field) == ("field.too_long", "contact.name")


def test_nothing_given_is_an_empty_contact():
    contact = check_contact(" ", " ", " ")
    assert contact == Contact()
    assert contact.is_empty
    assert contact.urns == ()


def test_a_contact_is_reached_by_urns():
    contact = check_contact("Ana", "51999998888", "ana@example.com")
    assert contact.urns == (("tel", "+5551999998888"), ("mailto", "ana@example.com"))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_kept_or_refused_and_keeping_it_again_changes_nothing(name, phone, email):
    try:
        contact = check_contact(name, phone, email)
    except Invalid:
        return
    assert check_contact(contact.name, contact.phone, contact.email) == contact
