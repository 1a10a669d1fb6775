"""What a use case tells of how far it is."""

from console.services.progress import Activity, Progress


def test_activity_reports_its_beginning_and_each_advance() -> None:
    told: list[Progress] = []
    activity = Activity("pruning", told.append, 7)
    activity.advance(3)
    activity.advance(4)
    activity.rename("removing bytes")
    assert told == [
        Progress("pruning", 0, 7),
        Progress("pruning", 3, 7),
        Progress("pruning", 7, 7),
        Progress("removing bytes", 7, 7),
    ]
    assert activity.done == 7
