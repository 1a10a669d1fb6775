"""Two watchers with their own inboxes and two sweepers on one database do nothing twice and lose nothing."""

from collections import Counter
from dataclasses import replace
from typing import Any

import psycopg

from tests.conftest import Roles, eventually
from tests.support.corpus import generate, write
from tests.support.settled import assert_whole, nothing_at_work, read


def test_two_watchers_and_two_sweepers_take_and_finish_each_file_once(
    roles: Roles, ledger: psycopg.Connection[Any]
) -> None:
    ours = generate(51, 120)
    theirs = [replace(file, name=f"theirs-{file.name}") for file in ours[40:]]  # the same bytes, in another folder
    inboxes = [roles.settings.inbox, roles.settings.inbox.with_name("inbox-of-another")]
    for inbox in inboxes:
        inbox.mkdir()
    for role in ("worker", "sweep", "sweep"):
        roles.start(role)
    first, second = (roles.start("watch", inbox=inbox) for inbox in inboxes)
    eventually(lambda: read(ledger, "select count(*) from processes") == [5], what="all are there")
    write(ours[:60], inboxes[0])
    write(theirs[:40], inboxes[1])
    eventually(lambda: read(ledger, "select count(*) >= 30 from files") == [True], what="they take files")
    first.kill()
    write(ours[60:], inboxes[0])
    write(theirs[40:], inboxes[1])
    roles.start("watch", inbox=inboxes[0])
    eventually(
        lambda: read(ledger, "select count(*) from sightings") == [len(ours) + len(theirs)] and nothing_at_work(ledger),
        what="all were seen, and all is done",
    )
    assert second.poll() is None
    assert_whole(ledger, roles.settings.home / "blobs", [*ours, *theirs])
    of_folder = Counter(read(ledger, "select regexp_replace(path, '/[^/]*$', '') from sightings"))
    assert of_folder == {str(inboxes[0]): len(ours), str(inboxes[1]): len(theirs)}
    assert read(ledger, "select error_class from failures") == []
