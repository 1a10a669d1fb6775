"""What the names of boxes mean."""

import re
from pathlib import Path

import pytest

from ingest.markup.article import LINKS, OUTSIDE
from ingest.markup.labels import LABELS


@pytest.mark.parametrize(
    ("tag", "role", "classes", "id_", "label"),
    [
        ("div", "", "comments", "", "comments"),
        ("div", "", "", "comments", "comments"),
        ("section", "", "c-CommentList article__comments", "", "comments"),
        ("div", "", "box relatedPosts--wide", "", "related"),
        ("div", "", "js-most-read_list most-read", "", "related"),
        ("ul", "", "menuItems", "", "navigation"),
        ("nav", "", "", "", "navigation"),
        ("nav", "", "social-links", "", "share"),
        ("div", " Navigation ", "", "", "navigation"),
        ("div", "", "newsletter-form", "", "subscription"),
        ("aside", "", "", "", "aside"),
        ("footer", "", "", "", "legal"),
        ("p", "", "byline", "", "author"),
        # Names that say how a box looks, or what its article is about, and not what it is.
        ("div", "", "has-sidebar with-related no-comments", "", None),
        ("article", "", "post-7 type-post tag-comments category-newsletter", "", None),
        ("div", "", "md:nav [&_nav]:mt-4", "", None),
        ("body", "", "menu", "sidebar", None),
        # Ids of text are what links in the page lead to.
        ("h2", "", "", "newsletter", None),
        ("p", "", "", "what-is-a-cookie", None),
        ("div", "", "commentary", "", None),
        ("div", "", "ad" * 1_000_000, "x " * 1_000_000, None),
    ],
)
def test_the_label_of_a_box(tag: str, role: str, classes: str, id_: str, label: str | None) -> None:
    assert LABELS.of(tag, role, classes, id_) == label


def test_of_several_labels_the_first_in_the_file_counts() -> None:
    assert LABELS.of("nav", "", "share comments", "") == "comments"
    assert list(LABELS.labels)[:2] == ["comments", "share"]


def test_the_reference_names_each_label() -> None:
    reference = (Path(__file__).parents[4] / "docs" / "reference" / "chrome.md").read_text()
    documented = re.findall(r"^\| `page-([a-z-]+)` \|", reference, re.MULTILINE)

    assert documented == sorted([*LABELS.labels, OUTSIDE, LINKS])
