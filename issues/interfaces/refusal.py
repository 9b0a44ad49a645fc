"""The status of a page that shows again what somebody has tried in vain."""

from geo_central.kernel.errors import Conflict, DomainError, Forbidden, Malformed, NotFound

_STATUS: dict[type[DomainError], int] = {Malformed: 400, Forbidden: 403, NotFound: 404, Conflict: 409}


def page_status(error: DomainError | None) -> int:
    """200 where nothing went wrong; as the table of problems has it for what a form can run into."""
    return 200 if error is None else _STATUS.get(type(error), 422)
