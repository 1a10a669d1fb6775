"""The tables of what is read and refused name all that the registry knows."""

from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY
from ingest.formats.tables import formats_table, refusals_table


def test_every_kind_is_in_one_of_the_tables_with_its_extensions() -> None:
    for table, refused in ((formats_table(), False), (refusals_table(), True)):
        kinds = [kind for kind in (*REGISTRY.kinds, REGISTRY.fallback) if isinstance(kind, Refusal) is refused]
        assert [kind.label for kind in kinds if kind.label not in table] == []
        assert [one for kind in kinds for one in kind.extensions if f"`{one}`" not in table] == []
