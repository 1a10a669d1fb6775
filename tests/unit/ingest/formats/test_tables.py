"""The documentation has the tables of what is read and refused as the registry has them."""

from pathlib import Path

from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY
from ingest.formats.tables import formats_table, refusals_table

PAGE = (Path(__file__).parents[4] / "docs/reference/formats.md").read_text()


def test_documentation_has_the_tables_that_the_registry_makes() -> None:
    between = PAGE.split("<!-- formats:")[1].split("-->\n", 1)[1].split("<!-- /formats -->")[0]
    assert between.strip() == f"{formats_table()}\n\n{refusals_table()}", "run: python -m ingest.formats.tables"


def test_every_kind_is_in_one_of_the_tables_with_its_extensions() -> None:
    for table, refused in ((formats_table(), False), (refusals_table(), True)):
        kinds = [kind for kind in (*REGISTRY.kinds, REGISTRY.fallback) if isinstance(kind, Refusal) is refused]
        assert [kind.label for kind in kinds if kind.label not in table] == []
        assert [one for kind in kinds for one in kind.extensions if f"`{one}`" not in table] == []
