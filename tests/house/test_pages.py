"""The pages as they stand: what the code writes in them is current, what they name exists, and nothing is left out."""

import re
from collections.abc import Collection
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath
from pkgutil import resolve_name

import pytest

from db.reads.status import STATES
from db.reads.versions import INDIRECT
from ingest.documents import FactSource
from ingest.similarity.pair_rule import LinkKind
from newsmill.settings import Settings
from newsmill.vocabulary import Outcome, Role, Ruling, Stage
from tests.documentation.blocks import BLOCKS, Block
from tests.documentation.commands import commands
from tests.documentation.pages import ROOT, Page, pages
from tests.documentation.pictures import IMAGES

FIELDS, STATES_PAGE, EXIT_CODES, VERSIONS = map(
    Page,
    (
        "docs/reference/fields.md", "docs/reference/states.md",
        "docs/reference/exit-codes.md", "docs/operations/versions.md",
    ),
)  # fmt: skip

# Pages about the code: each file, module and name in them exists. A changelog speaks of what was.
ABOUT_CODE = (
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "docs/decisions.md",
    "docs/experiments.md",
)
ROOMS = ("newsmill", "ingest", "db", "worker", "console", "tests", "benchmarks")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page}: {block.name}")
def test_a_generated_part_is_what_its_generator_writes(block: Block) -> None:
    assert block.read() == block.generate(), "run `make docs`"


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        (STATES_PAGE, "States", STATES),
        (STATES_PAGE, "Stages", Stage),
        (STATES_PAGE, "Outcomes", Outcome),
        (STATES_PAGE, "Roles", Role),
        (STATES_PAGE, "Rulings", Ruling),
        (FIELDS, "Sources", FactSource),
        (VERSIONS, "Kinds", [*LinkKind, INDIRECT]),
        (EXIT_CODES, "Also 1", [command.words for command in commands() if command.has_exit_code]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_has_a_row_for_each(page: Page, heading: str, names: Collection[str]) -> None:
    assert sorted(row[0].strip("`") for row in page.rows(heading)) == sorted(names)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_every_setting_that_a_page_names_exists(page: Page) -> None:
    deployment = re.findall(r"NEWSMILL_\w+", (ROOT / ".env.example").read_text())
    known = {f"NEWSMILL_{name.upper()}" for name in Settings.model_fields} | set(deployment)
    named = {name.removesuffix("_FILE") for name in re.findall(r"NEWSMILL_[A-Z_]*[A-Z]", page.text)}
    assert named - known == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_every_link_leads_somewhere(page: Page) -> None:
    assert [link for link in page.links() if not _leads_somewhere(page, link)] == []


def _leads_somewhere(page: Page, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True  # not ours to promise
    name, _, anchor = link.partition("#")
    target = (ROOT / page.path).parent / name if name else ROOT / page.path
    if not target.exists():
        return False
    return not anchor or anchor in Page(str(target.resolve().relative_to(ROOT))).anchors()


# What CONTRIBUTING adds for show; tests add it, too.
EXAMPLES = {"console/cli/count.py", "console/services/stories.py", "ingest/formats/telegram.py"}


@pytest.mark.parametrize("path", ABOUT_CODE)
def test_every_file_that_a_page_names_exists(path: str) -> None:
    words = [word.partition("::")[0] for code in Page(path).code() for word in code.split()]
    named = [word for word in words if _is_path(word)]
    assert [word for word in named if not _exists(word)] == []


def _is_path(word: str) -> bool:
    if word in EXAMPLES:
        return False
    if any(sign in word for sign in ("NAME", "NNNN", "…", "$", "://", "=")):
        return False  # an example
    return word.startswith(tuple(f"{room}/" for room in (*ROOMS, "docs"))) or word.endswith((".py", ".md", ".toml"))


def _exists(word: str) -> bool:
    """Whether a file of the repository has this path, or ends with it; shell patterns are as in a shell."""
    word = word.rstrip("/")
    return any(fnmatch(name, word) or fnmatch(name, f"*/{word}") for name in _names())


@cache
def _names() -> set[str]:
    files = [path.relative_to(ROOT) for path in ROOT.glob("*") if path.is_file()]
    for folder in (*ROOMS, "docs", ".ci", "seeds"):
        files += [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
        files.append(Path(folder))
    return {str(PurePosixPath(path)) for path in files}


@pytest.mark.parametrize("path", ABOUT_CODE)
def test_every_module_and_name_of_the_code_that_a_page_names_exists(path: str) -> None:
    pattern = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.\w+)+")
    named = {word for code in Page(path).code() for word in code.split() if pattern.fullmatch(word)}
    assert [word for word in sorted(named) if not word.endswith((".py", ".md")) and not _resolves(word)] == []


def _resolves(word: str) -> bool:
    try:
        resolve_name(word)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize(("path", "lines"), [("README.md", 200), ("ARCHITECTURE.md", 250)])
def test_what_is_read_first_is_short(path: str, lines: int) -> None:
    assert len(Page(path).text.splitlines()) <= lines


@pytest.mark.parametrize("picture", sorted(IMAGES.glob("*.svg")), ids=lambda picture: picture.name)
def test_a_picture_is_light_and_asks_no_server(picture: Path) -> None:
    text = picture.read_text()
    assert len(text) < 40_000
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert f"docs/images/{picture.name}" in Page("README.md").links()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_every_target_of_make_that_a_page_names_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for line in [*page.shown(), *page.code()] for word in re.findall(r"^make ([a-z-]+)", line)}
    assert named - targets == set()
