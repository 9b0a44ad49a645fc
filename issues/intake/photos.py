"""Photos come apart from the report, under an id that the client made, and leave re-encoded.

What is kept is our own JPEG: orientation applied, no EXIF, no more than 12 megapixels, and a
thumbnail. The position in the EXIF is read once, to propose a place, and dropped from the file.
"""

import hashlib
import io
import math
import struct
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.gis.geos import Point
from PIL import ExifTags, Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

from geo_central.kernel.errors import Conflict, DomainError, Invalid, TooLarge, Unsupported
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.lifecycle.models import Photo

register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "BMP", "TIFF")
THUMBNAIL = 480
LONGEST_SIDE = 16_384  # JPEG itself ends at 65,500
_QUALITY = 82
# What Pillow's decoders are known to raise for bytes that are not what they say.
_BROKEN = (
    UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError,
    AttributeError, ArithmeticError, MemoryError, RuntimeError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo that has been kept; `place` is where its EXIF says it was taken, if it says so."""

    id: UUID
    width: int
    height: int
    size: int
    place: LngLat | None
    created: bool


def store_photo(*, photo_id: UUID, content: bytes, now: datetime) -> StoredPhoto:
    """Check, re-encode and keep a photo until a report claims it. Repeatable by id.

    Raises Invalid `photo.empty`, TooLarge `photo.too_large` or `photo.too_many_pixels`,
    Unsupported `photo.not_an_image`, Conflict `photo.id_taken` (another photo has this id).
    """
    if not content:
        raise Invalid("photo.empty", field="photo")
    if len(content) > settings.PHOTO_MAX_BYTES:
        raise TooLarge("photo.too_large", field="photo", limit_mb=settings.PHOTO_MAX_BYTES >> 20)
    digest = hashlib.sha256(content).digest()
    if (known := Photo.objects.filter(pk=photo_id).first()) is not None:
        return _again(known, digest)
    full, thumbnail, place = _encode(content)
    # Named by content too: a twin writes the same file, another photo under this id never writes over it.
    name = f"{now:%Y/%m}/{photo_id}-{digest.hex()[:12]}"
    names = [f"{name}.jpg", f"{name}.thumb.jpg"]
    for name, (data, _) in zip(names, (full, thumbnail), strict=True):
        _write(Path(settings.MEDIA_ROOT) / name, data)
    (data, (width, height)) = full
    photo, created = Photo.objects.get_or_create(
        pk=photo_id,
        defaults={
            "file": names[0],
            "thumbnail": names[1],
            "width": width,
            "height": height,
            "size": len(data),
            "digest": digest,
            "taken_at_place": Point(place.lng, place.lat, srid=4326) if place else None,
            "uploaded_at": now,
        },
    )
    if not created:
        if photo.file != names[0]:
            _delete(names)
        return _again(photo, digest)
    return StoredPhoto(photo_id, width, height, len(data), place, True)


def purge_orphans(*, older_than: datetime) -> int:
    """Delete photos that no report claimed and that were uploaded before then; how many."""
    orphans = list(Photo.objects.filter(issue__isnull=True, uploaded_at__lt=older_than).order_by("pk"))
    gone = 0
    for photo in orphans:
        gone += Photo.objects.filter(pk=photo.pk, issue__isnull=True).delete()[0]
        if not Photo.objects.filter(pk=photo.pk).exists():
            _delete((photo.file, photo.thumbnail))
    return gone


def _again(photo: Photo, digest: bytes) -> StoredPhoto:
    if bytes(photo.digest) != digest:
        raise Conflict("photo.id_taken", field="id")
    place = LngLat(photo.taken_at_place.x, photo.taken_at_place.y) if photo.taken_at_place else None
    return StoredPhoto(photo.pk, photo.width, photo.height, photo.size, place, False)


Encoded = tuple[bytes, tuple[int, int]]


def _encode(content: bytes) -> tuple[Encoded, Encoded, LngLat | None]:
    """Our JPEG, its thumbnail, and the place in the EXIF."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd EXIF; a bomb is refused below
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > settings.PHOTO_MAX_PIXELS:
                limit = settings.PHOTO_MAX_PIXELS // 1_000_000
                raise TooLarge("photo.too_many_pixels", field="photo", limit_mp=limit)
            place = _place(image)
            upright = _upright(image)
    except DomainError:
        raise
    except Image.DecompressionBombError:
        limit = settings.PHOTO_MAX_PIXELS // 1_000_000
        raise TooLarge("photo.too_many_pixels", field="photo", limit_mp=limit) from None
    except _BROKEN:
        raise Unsupported("photo.not_an_image", field="photo") from None
    pixels, longest = upright.width * upright.height, max(upright.size)
    scale = min(math.sqrt(settings.PHOTO_STORED_PIXELS / pixels), LONGEST_SIDE / longest)
    if scale < 1:
        size = (max(1, int(upright.width * scale)), max(1, int(upright.height * scale)))
        upright = upright.resize(size, Image.Resampling.LANCZOS)
    full = _jpeg(upright)
    upright.thumbnail((THUMBNAIL, THUMBNAIL))
    return full, _jpeg(upright), place


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image) -> Image.Image:
    """As it should be seen, in RGB; what is transparent becomes white.

    Not by ImageOps.exif_transpose: it writes the EXIF anew and stumbles over hostile ones.
    """
    image.load()  # formats that turn themselves do so now, and forget how they were held
    turn = _TURNS.get(_orientation(image))
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        flat: Image.Image = paper.convert("RGB")
    else:
        flat = image.convert("RGB")
    flat.info.clear()  # a comment in it would be written again
    return flat if turn is None else flat.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _BROKEN:
        return 1


def _jpeg(image: Image.Image) -> Encoded:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue(), image.size


def _place(image: Image.Image) -> LngLat | None:
    """The position in the EXIF; None for absent, absurd or null-island values."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lng = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
        point = parse_lnglat(lng, lat)
    except (*_BROKEN, DomainError):
        return None
    return None if point.lat == 0 and point.lng == 0 else point


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(p) for p in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if str(reference).strip("\0 ").upper() == negative else value


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{uuid4().hex}.part")
    part.write_bytes(data)
    part.replace(path)


def _delete(names: Iterable[str]) -> None:
    for name in names:
        (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)
