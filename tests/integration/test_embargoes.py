"""An item that its agency holds back fails with the time, and begins again by itself when that has come."""

from pathlib import Path

from sqlalchemy import text

from tests.support.inline import inline_queue
from worker.duties.sweeper import Sweeper
from worker.services import Services

NITF = (
    "<?xml version='1.0'?><nitf><head><docdata management-status='embargoed'><date.release norm='{}'/></docdata></head>"
    "<body><body.head><hedline><hl1>{}</hl1></hedline></body.head><body.content><p>The council has decided to close the"
    " old bridge over the river.</p></body.content></body></nitf>"
)


def test_an_item_begins_again_once_its_embargo_is_over(mill: Services, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.xml").write_text(NITF.format("20990101T010000+0100", "Old bridge closes"))
    (folder / "b.xml").write_text(NITF.format("20980101T000000Z", "New bridge opens"))
    # A name that looks like the reason, of a file that fails for another one.
    (folder / "c embargoed until 2001-01-01T00:00:00Z; it is tried again then").write_bytes(b"\x7fELF" + bytes(100))
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()

    with mill.database.transaction() as connection:
        reasons = connection.scalars(text("select reason from documents order by id")).all()
    assert [reason.rpartition(": ")[2] for reason in reasons[:2]] == [
        "embargoed until 2099-01-01T00:00:00Z; it is tried again then",
        "embargoed until 2098-01-01T00:00:00Z; it is tried again then",
    ]
    Sweeper(mill).run_once()
    assert _at_work(mill) == []

    with mill.database.transaction() as connection:
        connection.execute(text("update documents set reason = replace(reason, '2098', '1998')"))
    Sweeper(mill).run_once()
    assert _at_work(mill) == [("b.xml", "parse", 1)]


def _at_work(mill: Services) -> list[tuple[str, str, int]]:
    statement = (
        "select path, stage, w.generation from work w join documents d using (id) join sightings using (file_id)"
    )
    with mill.database.transaction() as connection:
        return [(Path(row.path).name, row.stage, row.generation) for row in connection.execute(text(statement))]
