"""A container of each kind gives the stories that were put into it, a document each."""

import pytest

from console.services.evaluation.reading import reader
from ingest.documents import value_of
from tests.support.containers.every_kind import KINDS, Story, pack

STORIES = [
    Story(f"Bridge {number} is shut", f"The council of Varnholt shut bridge {number} on Tuesday.\n\nNobody said “why”.")
    for number in range(1, 8)
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_put_in_comes_out(kind: str, tmp_path) -> None:
    path = tmp_path / pack(kind, STORIES).name
    path.write_bytes(pack(kind, STORIES).content)
    with reader(min_words=5) as read:
        outcomes = list(read.read(path))
    assert [one.reason for one in outcomes] == [""] * len(STORIES)
    articles = [one.article for one in outcomes if one.article]
    assert [(value_of(article.metadata.title), article.text) for article in articles] == STORIES
