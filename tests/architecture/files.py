"""The files of the repository, read once."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geo_central", "layers", "issues", "maps")


@cache
def everything() -> tuple[str, ...]:
    """Every file that is, or is about to be, part of the project: nothing that is ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(sorted(name for name in out.split("\0") if name and (ROOT / name).is_file()))


def files(*endings: str, under: tuple[str, ...] = ()) -> list[str]:
    """Those with one of these endings, under some top folders where given."""
    return [
        name for name in everything() if name.endswith(endings) and (not under or name.split("/")[0] in under)
    ]


@cache
def text(name: str) -> str:
    """The content of one of them."""
    return (ROOT / name).read_text(encoding="utf-8")
