"""What is looked up once for all."""

from console.web.context import Cached


def test_a_value_is_kept_for_its_time_or_twenty_times_what_it_took() -> None:
    now = [0.0]
    looks: list[float] = []

    def look() -> int:
        looks.append(now[0])
        now[0] += 1.0 if len(looks) == 2 else 0.0
        return len(looks)

    cached = Cached(look, seconds=2, clock=lambda: now[0])
    found = []
    for at in (0.0, 1.9, 2.0, 22.9, 23.0, 24.9, 25.0):
        now[0] = max(now[0], at)
        found.append((at, cached.get()))
    assert found == [(0.0, 1), (1.9, 1), (2.0, 2), (22.9, 2), (23.0, 3), (24.9, 3), (25.0, 4)]
