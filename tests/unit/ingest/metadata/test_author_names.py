"""Names of authors, and what stands for none."""

import pytest

from ingest.metadata.author_names import NameKind, is_office, kind_of, tidy_names


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("By Ada Quill", "Ada Quill"),
        ("Ada Quill and Ben Ash", "Ada Quill and Ben Ash"),
        ("Ada Quill, Ben Ash", "Ada Quill, Ben Ash"),
        ("Ada Quill, Senior Reporter", "Ada Quill"),
        ("Ada Quill | Editor at the Amber Post", "Ada Quill"),
        ("Ada Quill Senior Reporter", "Ada Quill"),
        ("Ada Quill, amber.example", "Ada Quill"),
        ("Ada Quill, Photographs by Ben Ash", "Ada Quill"),
        ("Yazan: Ada Quill", "Ada Quill"),
        ("Ada Quill; Ben Ash", "Ada Quill, Ben Ash"),
        ("L&eacute;a d&#039;Arc", "L&eacute;a d&#039;Arc"),
        ("Ada Quill (ada@amber.example)", "Ada Quill"),
        ("Ada Quill, @adaquill", "Ada Quill"),
        ("Ada Quill, (Image: Amber Images/Stockphoto), (Image: Amber Images)", "Ada Quill"),
        ("Ada Quill, Foto: Ben Ash", "Ada Quill"),
        ("Ada Quill, MD", "Ada Quill, MD"),
        ("Von Jan Meier", "Jan Meier"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("홍길동 기자", "홍길동"),
        ("本报记者 王小明", "王小明"),
        ("Staff Writer", "Staff Writer"),
        ("ada@amber.example", None),
        ("@adaquill", None),
        ("105092", None),
        ("3d23d65-4419", None),
        ("admin", None),
        ("https://amber.example/author/ada", None),
        ("(Photo: Amber Images)", None),
        ("", None),
    ],
)
def test_bylines_are_tidied(byline: str, expected: str | None) -> None:
    assert tidy_names(byline) == expected


@pytest.mark.parametrize(
    ("name", "is_person", "expected"),
    [
        ("Ada Quill", None, NameKind.PERSON),
        ("Jean-Luc de la Tour", None, NameKind.PERSON),
        ("J. K. Quill and R. Ash", None, NameKind.PERSON),
        ("王小明", None, NameKind.PERSON),
        ("Ada", True, NameKind.PERSON),
        ("Ada", None, NameKind.OTHER),
        ("Ada Quill", False, NameKind.OTHER),
        ("The Amber Post", True, NameKind.OTHER),
        ("Amber Post", None, NameKind.OTHER),
        ("Harbour Broadcasting Corporation", None, NameKind.OTHER),
        ("Our Editors", None, NameKind.OTHER),
        ("Read More", None, NameKind.OTHER),
        ("@ada", None, NameKind.NOBODY),
        ("", None, NameKind.NOBODY),
    ],
)
def test_persons_are_told_from_others(name: str, is_person: bool | None, expected: NameKind) -> None:
    assert kind_of(name, {"amberpost"}, is_person) is expected


def test_offices_are_told() -> None:
    offices = ("Senior Reporter", "Editor at the Post", "Chefredakteurin", "Rédactrice en chef", "Jazz critic")
    assert [office for office in offices if is_office(office)] == list(offices)
    assert not is_office("Ada Quill")
