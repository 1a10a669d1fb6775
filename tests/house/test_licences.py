"""docs/reference/licences.md names each package that is locked, with its licence, and what is copyleft."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from tests.documentation.pages import Page

REPOSITORY = Path(__file__).parents[2]
PAGE = Page("docs/reference/licences.md")
_COPYLEFT = re.compile(r"A?GPL|MPL|Mozilla|EUPL|CDDL|EPL")
_GPL = re.compile(r"(?<!L)GPL")


def _locked(name: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", (REPOSITORY / name).read_text(), re.MULTILINE))


def _stated() -> dict[str, str]:
    return {row[0]: row[1] for row in PAGE.rows("All")}


def test_every_locked_package_is_listed_and_every_other_is_not() -> None:
    assert sorted(row[0] for row in PAGE.rows("All")) == sorted(
        _locked("requirements.lock") | _locked("requirements-image.lock")
    )
    in_image = {row[0] for row in PAGE.rows("All") if row[2] == "yes"}
    assert in_image == _locked("requirements-image.lock")


def test_what_is_copyleft_is_named_so_and_the_image_has_none_stronger_than_the_lgpl() -> None:
    copyleft = {name for name, licence in _stated().items() if _COPYLEFT.search(licence)}
    named = {name for row in PAGE.rows("Copyleft") for name in row[0].split(", ")}
    assert copyleft == named
    image = _locked("requirements-image.lock")
    assert {name: licence for name, licence in _stated().items() if name in image and _GPL.search(licence)} == {}


def test_what_packages_say_of_themselves_is_what_the_page_says() -> None:
    """Only what is installed can be asked; words that are no SPDX expression are compared for copyleft alone."""
    wrong = {}
    for name, stated in _stated().items():
        try:
            said = metadata(name)
        except PackageNotFoundError:
            continue
        expression = said.get("License-Expression")
        classifiers = " ".join(one for one in said.get_all("Classifier") or [] if one.startswith("License ::"))
        words = expression or f"{classifiers} {(said.get('License') or '')[:60]}"
        if expression not in (None, stated) or bool(_COPYLEFT.search(words)) != bool(_COPYLEFT.search(stated)):
            wrong[name] = (stated, words)
    assert wrong == {}
