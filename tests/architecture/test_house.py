"""The shape of the house: what stands at the top, how large things get, where things live."""

import ast
import re

import pytest

from tests.architecture.files import PACKAGES, ROOT, everything, files, text

FOLDERS = {*PACKAGES, "fixtures", "tests", "docs", "deploy", ".ci"}
FILES = {
    "manage.py", "requirements.txt", "requirements-dev.txt", "requirements-demo.txt",
    "requirements-cluster.txt", "pyproject.toml", "package.json", "package-lock.json", "Makefile",
    "README.md", "CHANGELOG.md", "LICENSE", ".editorconfig", ".gitattributes", ".gitignore",
}  # fmt: skip
LINES = 400
COUNTED = (".py", ".js", ".mjs", ".html", ".css", ".sql")
MADE_BY_MACHINE = re.compile(r"/migrations/0001_|/static/vendor/|package-lock\.json")
APPS = ("layers", "issues", "maps")


def python(*under: str) -> list[str]:
    return files(".py", under=under)


def test_the_top_level_is_the_one_that_was_designed():
    assert {name.split("/")[0] for name in everything() if "/" in name} <= FOLDERS
    assert {name for name in everything() if "/" not in name} <= FILES


def test_no_file_is_longer_than_400_lines():
    long = {n: text(n).count("\n") for n in files(*COUNTED) if not MADE_BY_MACHINE.search(n)}
    assert not {name: lines for name, lines in long.items() if lines > LINES}


def test_no_function_needs_a_scroll():
    long = {}
    for name in python(*PACKAGES):
        if "/migrations/" in name:
            continue
        for node in ast.walk(ast.parse(text(name))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (lines := (node.end_lineno or 0) - body[0].lineno + 1) > 60:
                    long[f"{name}:{node.name}"] = lines
    assert not long


def test_no_error_is_swallowed_whole():
    found = []
    for name in python():
        for node in ast.walk(ast.parse(text(name))):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}
                if broad and all(isinstance(s, ast.Pass | ast.Continue) for s in node.body):
                    found.append(f"{name}:{node.lineno}")
    assert not found


def test_nothing_is_left_to_do():
    left = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|NotImplemented" r"Error)\b")
    names = files(".py", ".js", ".mjs", ".html", ".css", ".sql", ".sh", ".md", ".toml", "Makefile")
    assert not [n for n in names if "/static/vendor/" not in n and left.search(text(n))]


def test_models_live_in_models():
    found = []
    for name in python(*APPS):
        if name.endswith("models.py") or "/migrations/" in name:
            continue
        for node in ast.walk(ast.parse(text(name))):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base) for base in node.bases}
                found += [f"{name}:{node.name}"] * bool({"models.Model", "Model", "AbstractUser"} & bases)
    assert not found


def test_the_models_of_issues_are_only_gathered_in_one_place():
    tree = ast.parse(text("issues/models.py"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)]


def test_the_domain_reads_no_clock():
    """`now` is an argument: only doors (views, jobs, commands, tags) may ask the kernel for it;
    and a call to the network has a deadline."""
    asks = re.compile(r"clock\.now|monotonic\(|perf_counter\(|time\.time\(")
    doors = re.compile(
        r"geo_central/(kernel/clock|doctor)\.py|geo_central/(postgis|management)/|/(management|templatetags)/"
        r"|issues/interfaces/|maps/web/(feeds|glance)\.py|/(api|api_runs|views|tasks)\.py"
        r"|layers/importing/progress\.py|issues/intake/outside\.py"
    )
    assert not [n for n in python(*PACKAGES) if asks.search(text(n)) and not doors.search(n)]


def test_one_file_reads_the_clock():
    reads = re.compile(r"datetime\.now\(|utcnow\(|timezone\.now\(|date\.today\(|CURRENT_TIMESTAMP")
    allowed = re.compile(r"geo_central/kernel/clock\.py|geo_central/postgis/")
    assert not [n for n in python(*PACKAGES) if reads.search(text(n)) and not allowed.search(n)]


def test_no_query_reads_the_clock():
    reads = re.compile(
        r"\b(now|clock_timestamp|statement_timestamp)\(\)|CURRENT_(DATE|TIMESTAMP)", re.IGNORECASE
    )
    assert not [n for n in files(".sql", under=PACKAGES) if reads.search(re.sub(r"--.*", "", text(n)))]


def test_no_signal_carries_workflow():
    signal = re.compile(r"django\.db\.models\.signals|@receiver|\.connect\(.*(save|delete)")
    assert not [n for n in python(*PACKAGES) if signal.search(text(n))]


def _public_functions(name: str) -> list[ast.FunctionDef | ast.ClassDef]:
    """Top-level functions and classes, and the public methods of those classes."""
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for node in ast.parse(text(name)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
    return found


@pytest.mark.parametrize(
    "name", [n for n in python(*APPS) if re.search(r"/(queries|operations|bulk|photos|duplicates)\.py$", n)]
)
def test_the_faces_of_a_room_are_explained(name):
    tree = ast.parse(text(name))
    assert ast.get_docstring(tree), name
    assert not [n.name for n in _public_functions(name) if not ast.get_docstring(n)]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is_for(package):
    """But for those that only list: packages, apps, addresses, admin."""
    silent = re.compile(r"(__init__|apps|urls|api_urls|wsgi|asgi|models)\.py$|/migrations/")
    assert not [
        n for n in python(package) if not silent.search(n) and not ast.get_docstring(ast.parse(text(n)))
    ]


def test_every_migration_chain_is_one_of_three():
    chains = {n.split("/migrations/")[0] for n in files(".py") if "/migrations/" in n}
    assert chains <= set(APPS)


def test_pinned_requirements_name_exact_versions():
    for name in (n for n in FILES if n.startswith("requirements")):
        for line in text(name).splitlines():
            if line and not line.startswith(("#", " ", "-r", "-c")):
                assert "==" in line, f"{name}: {line}"


def test_the_repository_names_no_machine_and_no_registry():
    """A lock file names packages and digests; where they come from is the machine's business."""
    hosts = (
        "py[p]i\\.org|files\\.pythonhos[t]ed|registry\\.npmj[s]|registry\\.yarnp[k]g|artifactor[y]|nexu[s]"
    )
    machine = re.compile(
        r"(?<![\w.])/(home|Users)/\w|/(root|work)/(main|shared|\.)"
        rf"|\b({hosts})\b|--index-url|https?://(10|192\.168|172\.\d+)\.\d+"
    )
    binary = (".png", ".jpg", ".gif", ".ico", ".mo", ".pbf", ".woff2", ".zip", ".gz", ".webp", ".pyc")
    here = "tests/architecture/test_house.py"
    names = [n for n in everything() if not n.endswith(binary) and n != here and "/static/vendor/" not in n]
    assert not [n for n in names if machine.search((ROOT / n).read_text(encoding="utf-8", errors="replace"))]


def test_the_reader_of_this_file_finds_the_repository():
    assert "manage.py" in everything()
    assert (ROOT / "manage.py").is_file()
