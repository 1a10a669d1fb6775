import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbox.files import FileStat, SeenFile
from ingest.inbox.retries import Retries


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def seen_file(name: str) -> SeenFile:
    return SeenFile(name, FileStat(3, 1, 1, 7, 1))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def retries(clock: Clock, limit: int = 9) -> Retries:
    return Retries(base_seconds=1.0, max_seconds=5.0, limit=limit, clock=clock)


def test_waits_double_up_to_the_longest(clock: Clock) -> None:
    again, file = retries(clock), seen_file("a")
    due_at = []
    for _ in range(5):
        again.note([file], {"a"})
        clock.now = again.next_due() or -1.0
        assert again.due(9) == [file]
        due_at.append(clock.now)
    assert due_at == [1.0, 3.0, 7.0, 12.0, 17.0]
    assert again.next_due() is None


def test_only_what_failed_comes_again_and_not_before_its_time(clock: Clock) -> None:
    again = retries(clock)
    again.note([seen_file("a"), seen_file("b")], {"b"})
    clock.now = 0.9
    assert again.due(9) == []
    clock.now = 1.0
    assert again.due(9) == [seen_file("b")]


def test_what_was_taken_meanwhile_does_not_come_and_begins_anew_when_it_fails_again(clock: Clock) -> None:
    again = retries(clock)
    again.note([seen_file("a")], {"a"})
    again.note([seen_file("a")], set())
    clock.now = 1.0
    assert again.due(9) == []
    again.note([seen_file("a")], {"a"})
    clock.now = 2.0
    assert again.due(9) == [seen_file("a")]


def test_what_failed_again_through_a_scan_comes_once(clock: Clock) -> None:
    again = retries(clock)
    again.note([seen_file("a")], {"a"})
    again.note([seen_file("a")], {"a"})
    clock.now = 9.0
    assert again.due(9) == [seen_file("a")]


def test_what_comes_by_itself_is_forgotten(clock: Clock) -> None:
    again = retries(clock)
    again.note([seen_file("a")], {"a"})
    again.forget("a")
    clock.now = 9.0
    assert again.due(9) == []


def test_too_many_are_left_to_one_scan(clock: Clock) -> None:
    again = retries(clock, limit=2)
    again.note([seen_file(name) for name in "abcd"], set("abcd"))
    assert not again.wants_scan()
    clock.now = 5.0
    assert (again.due(9), again.wants_scan(), again.wants_scan()) == ([seen_file("a"), seen_file("b")], True, False)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.integers(1, 3))
def test_each_file_whose_last_attempt_failed_comes_exactly_once(attempts: list[tuple[str, bool]], limit: int) -> None:
    clock = Clock()
    again = retries(clock)
    for name, failed in attempts:
        again.note([seen_file(name)], {name} if failed else set())
    clock.now = 1e9
    came = []
    while group := again.due(limit):
        assert len(group) <= limit
        came += [file.path for file in group]
    assert sorted(came) == sorted(name for name, failed in dict(attempts).items() if failed)
