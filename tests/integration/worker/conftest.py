"""A folder of files beside a mill that runs in this process."""

import pytest

from tests.support.dropped import NEIGHBOUR, OTHER, Dropped
from tests.support.inline import inline_queue
from worker.services import Services


@pytest.fixture
def dropped(mill: Services) -> Dropped:
    """A folder with a good neighbour."""
    folder = mill.settings.inbox
    folder.mkdir()
    dropped = Dropped(mill, folder, inline_queue(mill))
    dropped.write(NEIGHBOUR, OTHER.encode())
    return dropped
