"""Photos leave as our own JPEG: upright, without EXIF, of a size one can keep; or not at all."""

import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from geo_central.kernel.errors import DomainError, TooLarge, Unsupported
from issues.intake.photos import LONGEST_SIDE, THUMBNAIL, _encode

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"
WITHOUT_PLACE = {
    "ian_45-gps_ifd",
    "ian_landscape_orient6_nogps",
    "me_nikon_d5000_gps_nan",
    "me_samsung_gps_0_0_orient6",
}
RED, BLUE = (220, 20, 20), (20, 20, 220)
# How a picture that is red above and blue below is stored under each EXIF orientation.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width=80, height=40) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def written(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def kept(content: bytes) -> Image.Image:
    (data, size), _, _ = _encode(content)
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == size
    return image


def like(pixel, colour) -> bool:
    return all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


def is_upright(image: Image.Image) -> bool:
    width, height = image.size
    above, below = image.getpixel((width // 2, height // 4)), image.getpixel((width // 2, height * 3 // 4))
    return width == 2 * height and like(above, RED) and like(below, BLUE)


def exif_of(orientation: int, **gps) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Camera of Ana"
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({ExifTags.GPS[k].value: v for k, v in gps.items()})
    return exif.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_the_camera_may_be_held_any_way(kind, orientation):
    turn = STORED[orientation]
    stored = picture() if turn is None else picture().transpose(turn)
    image = kept(written(stored, kind, exif=exif_of(orientation)))
    assert is_upright(image)
    assert not image.getexif()


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_is_none(orientation):
    assert is_upright(kept(written(picture(), "JPEG", exif=exif_of(orientation))))


def test_nothing_of_the_exif_is_left():
    content = written(
        picture(), "JPEG", exif=exif_of(1, GPSLatitude=(30, 0, 0), GPSLongitude=(51, 0, 0)), comment=b"Ana"
    )
    assert b"Camera of Ana" in content
    for data, _ in _encode(content)[:2]:
        assert b"Ana" not in data
        assert b"Exif" not in data


def test_the_place_in_the_exif_is_told_once():
    gps = {
        "GPSLatitude": (30, 2, 4.56),
        "GPSLatitudeRef": "S",
        "GPSLongitude": (51, 13, 3.72),
        "GPSLongitudeRef": "W",
    }
    place = _encode(written(picture(), "JPEG", exif=exif_of(6, **gps)))[2]
    assert (place.lat, place.lng) == pytest.approx((-30.0346, -51.2177))


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {"GPSLatitude": (30, 0, 0)},
        {"GPSLatitude": (0, 0, 0), "GPSLongitude": (0, 0, 0)},
        {"GPSLatitude": (91, 0, 0), "GPSLongitude": (51, 0, 0)},
        {"GPSLatitude": (30, 0), "GPSLongitude": (51, 0)},
    ],
)
def test_an_absurd_place_is_no_place(gps):
    assert _encode(written(picture(), "JPEG", exif=exif_of(1, **gps)))[2] is None


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_colour_becomes_rgb(mode):
    image = picture().convert("I").convert("I;16") if mode == "I;16" else picture().convert(mode)
    kind = "JPEG" if mode == "CMYK" else "TIFF" if mode in "IF" else "PNG"
    assert kept(written(image, kind)).size == (80, 40)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white(kind):
    image = picture().convert("RGBA")
    image.putalpha(0)
    assert like(kept(written(image, kind)).getpixel((5, 5)), (255, 255, 255))


def test_of_a_moving_picture_the_first_frame_is_kept():
    frames = [picture(), Image.new("RGB", (80, 40), (0, 255, 0))]
    content = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert is_upright(kept(content))


def test_more_than_12_megapixels_are_made_12(settings):
    settings.PHOTO_STORED_PIXELS = 2_000  # the same arithmetic on a picture that is quick to make
    image = kept(written(picture(200, 100), "PNG"))
    assert 1_800 <= image.width * image.height <= 2_000
    assert image.width / image.height == pytest.approx(2, rel=0.05)


def test_a_photo_within_12_megapixels_keeps_its_size():
    assert kept(written(picture(400, 200), "PNG")).size == (400, 200)


def test_the_thumbnail_fits_its_frame_and_never_grows():
    for size in ((1000, 500), (500, 1000), (40, 20)):
        _, (data, thumbnail), _ = _encode(written(picture(*size), "PNG"))
        assert thumbnail == Image.open(io.BytesIO(data)).size
        assert max(thumbnail) == min(THUMBNAIL, max(size))


def test_a_picture_longer_than_jpeg_can_be_is_made_shorter():
    image = kept(written(Image.new("RGB", (70_000, 3)), "PNG"))
    assert image.size == (LONGEST_SIDE, 1)


# ---- what is refused


def test_a_decompression_bomb_is_refused_by_its_header():
    bomb = bytearray(written(Image.new("1", (1, 1)), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    with pytest.raises(TooLarge) as refused:
        _encode(bytes(bomb))
    assert refused.value.code == "photo.too_many_pixels"
    assert refused.value.data == {"limit_mp": 50}


def test_a_picture_just_beyond_the_limit_is_refused(settings):
    settings.PHOTO_MAX_PIXELS = 80 * 40 - 1
    with pytest.raises(TooLarge):
        _encode(written(picture(), "JPEG"))


@pytest.mark.parametrize(
    "content",
    [
        b"um texto qualquer",
        b"\0" * 100,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7 ...",
        b"<!doctype html><img src=x>",
        b"PK\x03\x04" + b"\0" * 60,
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"RIFF\0\0\0\0WEBP",
        b"\0\0\0\x18ftypheic",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
)
def test_what_is_no_image_is_refused_by_name(content):
    with pytest.raises(Unsupported) as refused:
        _encode(content)
    assert (refused.value.code, refused.value.field) == ("photo.not_an_image", "photo")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_cut_short_is_refused(kind):
    content = written(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    with pytest.raises(Unsupported):
        _encode(content[: len(content) // 2])


SEEDS = [
    written(Image.effect_noise((24, 16), 60).convert("RGB"), kind, exif=exif_of(6, GPSLatitude=(30, 1, 1)))
    for kind in ("JPEG", "PNG", "WEBP", "TIFF")
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    st.integers(0, 2000),
)
def test_bytes_that_were_tampered_with_are_kept_or_refused(content, changes, length):
    changed = bytearray(content)
    for at, value in changes:
        changed[at % len(changed)] = value
    try:
        _encode(bytes(changed[:length]))
    except DomainError:
        return


@pytest.mark.needs_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real photos are not here")
@pytest.mark.parametrize("path", sorted(REAL.glob("*.jpg")) or [None], ids=lambda p: getattr(p, "stem", ""))
def test_real_photos_with_odd_exif_are_kept_upright_and_clean(path):
    (data, (width, height)), _, place = _encode(path.read_bytes())
    with Image.open(path) as source:
        turned = source.getexif().get(ExifTags.Base.Orientation, 1) in {5, 6, 7, 8}
        assert source.size == ((height, width) if turned else (width, height))
    assert not Image.open(io.BytesIO(data)).getexif()
    assert (place is None) == (path.stem in WITHOUT_PLACE)
