"""Pages: every template is used, nothing comes from elsewhere, nothing runs from inside a tag."""

import re

import pytest

from tests.architecture.files import PACKAGES, files, text

TEMPLATES = files(".html", under=PACKAGES)
SCRIPTS = [n for n in files(".js", ".mjs", under=PACKAGES) if "/vendor" not in n]
STYLES = [n for n in files(".css", under=PACKAGES) if "/vendor" not in n]
STANDALONE = "maps/templates/maps/report"  # files that people take away: no policy, no server, no address
SELF_MADE = {"404.html", "500.html", "403.html", "400.html", "403_csrf.html"}  # Django asks for these by name


def name_of(path: str) -> str:
    return path.split("/templates/")[1]


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_is_used(path):
    name = name_of(path)
    if name in SELF_MADE:
        return
    mention = re.compile(rf"""["']{re.escape(name)}["'#]""")
    assert [n for n in files(".py", ".html", under=PACKAGES) if n != path and mention.search(text(n))]


@pytest.mark.parametrize("path", [p for p in TEMPLATES if not p.startswith(STANDALONE)])
def test_a_template_carries_no_style_no_handler_and_no_script_without_nonce(path):
    page = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", text(path), flags=re.DOTALL)
    assert not re.search(r"<[a-z][^>]*\sstyle\s*=", page)
    assert not re.search(r"<style\b", page)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"']", page)
    for tag in re.findall(r"<script\b[^>]*>", page):
        kept_as_data = 'type="application/json"' in tag
        assert "src=" in tag or "nonce=" in tag or kept_as_data, tag


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_loads_nothing_from_elsewhere(path):
    loads = re.findall(
        r"<(?:script|link|img|iframe|source|video|audio|object|embed|form)\b[^>]*>", text(path)
    )
    assert not [
        tag for tag in loads if re.search(r"""(src|srcset|href|data|action)\s*=\s*["'](https?:)?//""", tag)
    ]


@pytest.mark.parametrize("path", SCRIPTS + STYLES)
def test_scripts_and_styles_load_nothing_from_elsewhere(path):
    code = re.sub(r"http://www\.w3\.org/\S+", "", text(path))
    code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", code, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"""(fetch|import|url|src)\s*[(=]?\s*["'(]\s*https?://""", code)


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_write_no_html_from_text(path):
    """What people wrote goes in as text; markup comes from templates."""
    assert not re.search(
        r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|\.outerHTML\s*=", text(path)
    )


@pytest.mark.parametrize("path", TEMPLATES)
def test_only_maps_that_we_drew_ourselves_are_marked_safe(path):
    marked = re.findall(r"{{\s*([\w.]+)[^}]*\|\s*safe\b", text(path))
    assert {name.split(".")[-1] for name in marked} <= {"drawing"}
    assert "autoescape off" not in text(path)


def with_includes(path: str) -> str:
    """A template and what it includes."""
    parts = re.findall(r"""{% include ["']([\w/.]+)["']""", text(path))
    return text(path) + "".join(with_includes(p) for p in TEMPLATES if name_of(p) in parts and p != path)


POSTING = [p for p in TEMPLATES if re.search(r"<form\b[^>]*method=[\"']post", text(p), re.IGNORECASE)]


@pytest.mark.parametrize("path", POSTING)
def test_a_form_that_posts_carries_its_token(path):
    assert "{% csrf_token %}" in with_includes(path)


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "<img" in text(p)])
def test_every_picture_has_a_text_in_its_place(path):
    for tag in re.findall(r"<img\b[^>]*>", text(path), flags=re.DOTALL):
        assert "alt=" in tag, tag


@pytest.mark.parametrize("path", STYLES)
def test_a_style_sheet_closes_every_block_that_it_opens(path):
    """A brace left open hides all that follows, and no browser says so."""
    depth = 0
    for number, line in enumerate(text(path).splitlines(), 1):
        assert not (depth and re.match(r"\S[^}]*\{", line)), f"{path}:{number} is inside an open block"
        depth += line.count("{") - line.count("}")
    assert depth == 0
