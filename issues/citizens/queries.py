"""Reading people: every look at personal data is written down."""

from datetime import datetime

from . import _vault
from .contacts import Contact
from .models import Citizen, ContactPoint, PersonalDataAccess


def contact_of(citizen_id: int, *, reader_id: int | None, purpose: str, now: datetime) -> Contact:
    """Name, phone and e-mail of a citizen. `reader_id` None is the system itself.

    Logs the access. An anonymised or unknown citizen gives an empty contact.
    """
    PersonalDataAccess.objects.create(at=now, user_id=reader_id, citizen_id=citizen_id, purpose=purpose)
    citizen = Citizen.objects.filter(pk=citizen_id).prefetch_related("contact_points").first()
    if citizen is None:
        return Contact()
    values = {p.scheme: _vault.unseal(p.value_sealed) for p in citizen.contact_points.all()}
    name = _vault.unseal(citizen.name_sealed) if citizen.name_sealed else ""
    return Contact(name, values.get("tel", ""), values.get("mailto", ""))


def address_of(contact_id: int, *, reader_id: int | None, purpose: str, now: datetime) -> str:
    """The value of one contact point: an e-mail address, or what a push service needs, as JSON.

    Logs the access. Empty when the contact point is gone.
    """
    point = ContactPoint.objects.filter(pk=contact_id).first()
    if point is None:
        return ""
    PersonalDataAccess.objects.create(at=now, user_id=reader_id, citizen_id=point.citizen_id, purpose=purpose)
    return _vault.unseal(point.value_sealed)
