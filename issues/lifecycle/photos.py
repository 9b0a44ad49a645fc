"""Who may see which picture."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from geo_central.kernel.errors import NotFound

from .models import Photo
from .queries import is_token


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A file to send, and whether anybody may keep it."""

    path: Path
    is_public: bool


def photo_file(
    photo_id: UUID, *, thumbnail: bool, token: str = "", team_ids: tuple[int, ...] = (), every: bool = False
) -> PhotoFile:
    """The file of a photo: public once moderated; else for its reporter's token, its team, or (`every`)
    those who decide what is public.

    Raises NotFound `not_found`, whether it is missing or may not be seen.
    """
    public = Q(is_moderated=True, issue__service__moderation="pre")
    allowed = public
    if is_token(token):
        allowed |= Q(issue__token=token)
    if team_ids:
        allowed |= Q(issue__team_id__in=team_ids)
    photo = (
        Photo.objects.filter(Q() if every else allowed, pk=photo_id, issue__isnull=False)
        .select_related("issue__service")
        .first()
    )
    if photo is None or photo.issue is None:
        raise NotFound("not_found")
    path = Path(settings.MEDIA_ROOT) / (photo.thumbnail if thumbnail else photo.file)
    if not path.is_file():
        raise NotFound("not_found")
    return PhotoFile(path, photo.is_moderated and photo.issue.service.moderation == "pre")
