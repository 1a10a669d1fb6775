"""The deployment, broken on purpose: kills, drains, standstill, a host cut off; nothing is lost, nothing done twice."""

from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any

from tests.conftest import eventually
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.servers.compose import Compose, run_program

Report = Callable[[str], None]
GRACE_SECONDS = 45


def test_kills_and_a_restart_under_load(compose: Compose, report: Report) -> None:
    files = generate(1, 2000, copies_share=0.2)
    parts = [files[start::5] for start in range(5)]
    for part, service in zip(parts, ("worker", "watcher", "redis", "postgres"), strict=False):
        seconds = _kill(compose, service, part)
        report(f"{service} killed: work went on {seconds:.1f} s after the kill")
    _drop_under_way(compose, "kills", parts[4])
    compose("down", "--timeout", str(GRACE_SECONDS))
    began = monotonic()
    compose("up", "--detach")
    eventually(lambda: compose.finished() >= 0)
    before = compose.finished("kills")
    eventually(lambda: compose.finished("kills") > before or before == len(files))
    report(f"down and up: work went on {monotonic() - began:.1f} s after `up`")
    compose.wait_for("kills", len(files))
    report(f"all done {monotonic() - began:.1f} s after `up`")
    compose.check("kills", files)
    compose("up", "--detach", "--wait")


def _kill(compose: Compose, service: str, files: list[GeneratedFile]) -> float:
    """Seconds from the kill until a document finished that had not then; `up -d` comes at once.

    Some of the files come only after those that had finished were counted, or there might be none left to finish.
    """
    _drop_under_way(compose, "kills", files[:-100])
    compose("kill", service)
    began = monotonic()
    if service == "postgres":  # which can be asked again only after `up`
        compose("up", "--detach")
        eventually(lambda: compose.finished() >= 0)
    before = compose.finished("kills")
    _drop(compose, "kills", files[-100:])
    if service != "postgres":
        compose("up", "--detach")
    eventually(lambda: compose.finished("kills") > before, what=f"work goes on after {service} was killed")
    return monotonic() - began


def _drop(compose: Compose, folder: str, files: list[GeneratedFile]) -> None:
    write(files, compose.inbox / folder)


def _drop_under_way(compose: Compose, folder: str, files: list[GeneratedFile]) -> None:
    """Drops files, and returns once something has finished since, so that all parts are at work."""
    before = compose.finished(folder)  # first: later all of them might have finished
    _drop(compose, folder, files)
    eventually(lambda: compose.finished(folder) > before, what="work is under way")


def test_four_workers_share_and_drain(compose: Compose, report: Report) -> None:
    compose("up", "--detach", "--wait", "--scale", "worker=4")
    files = compose.drop("shared", seed=2, count=2000)
    compose.wait_for("shared", len(files))
    done = Counter(
        line["container"] for line in compose.logs("worker") if line["event"] == "finished" and _is_of(line, "shared")
    )
    report(f"each of four workers finished {sorted(done.values())} of {len(files)}")
    assert (len(done), done.total()) == (4, len(files))
    assert min(done.values()) >= 0.15 * len(files)
    compose.check("shared", files)

    more = generate(3, 500, copies_share=0.2)
    _drop_under_way(compose, "drained", more)
    began = monotonic()
    compose("down")
    seconds = monotonic() - began
    report(f"`down` under load took {seconds:.1f} s of {GRACE_SECONDS}")
    assert seconds < GRACE_SECONDS
    compose("up", "--detach", "--wait", "--no-deps", "postgres")
    assert compose.sql("select count(*) from leases") == 0
    compose("up", "--detach", "--wait")
    compose.wait_for("drained", len(more))
    compose.check("drained", more)


def test_unhealthy_when_work_is_due_and_nothing_moves(compose: Compose, report: Report) -> None:
    compose("pause", "worker")
    try:
        files = compose.drop("stalled", seed=4, count=5)
        began = monotonic()
        eventually(lambda: compose.health("sweeper") == "unhealthy", seconds=120, what="the sweeper is unhealthy")
        report(f"unhealthy {monotonic() - began:.0f} s after files came that no worker takes")
        log = compose.containers("sweeper")["sweeper-1"]["State"]["Health"]["Log"]
        assert "there is work and no worker" in log[-1]["Output"]
    finally:
        compose("unpause", "worker")
    compose.wait_for("stalled", len(files))
    for service in ("sweeper", "worker"):
        eventually(lambda: compose.health(service) == "healthy", seconds=60, what=f"the {service} is healthy again")  # noqa: B023
    compose.check("stalled", files)


def test_worker_host_that_is_cut_off_and_comes_back(compose: Compose, report: Report) -> None:
    compose("up", "--detach", "--wait", "--scale", "worker=2")
    lost = f"{compose.name}-worker-2"
    files = generate(5, 1000, copies_share=0.2)
    _drop_under_way(compose, "cut", files[:800])
    _network("disconnect", compose, lost)
    began = monotonic()
    cut_at = compose.finished("cut")
    _drop(compose, "cut", files[800:])  # so that there is something left, however quick the two were
    compose.wait_for("cut", len(files))
    report(
        f"one of two hosts cut off: the other finished the rest, {len(files) - cut_at}, in {monotonic() - began:.1f} s"
    )
    compose.check("cut", files)
    _network("connect", compose, lost)
    began = monotonic()
    more = generate(6, 2000, copies_share=0.2)
    dropped: list[GeneratedFile] = []

    def works_again() -> bool:
        dropped.extend(part := more[len(dropped) : len(dropped) + 40])
        write(part, compose.inbox / "rejoined")
        compose.wait_for("rejoined", len(dropped))
        return _took_part(compose, lost, "rejoined")

    eventually(works_again, seconds=90, what="the returned host works")
    report(f"joined again: it had finished documents {monotonic() - began:.1f} s later")
    compose.check("cut", files)
    compose.check("rejoined", dropped)
    compose("up", "--detach", "--wait", "--scale", "worker=1")


def _network(action: str, compose: Compose, container: str) -> None:
    run_program("docker", "network", action, f"{compose.name}_inside", container)


def _took_part(compose: Compose, container: str, folder: str) -> bool:
    name = container.removeprefix(f"{compose.name}-")
    return any(
        line["container"] == name and line["event"] == "finished" and _is_of(line, folder)
        for line in compose.logs("worker")
    )


def _is_of(line: dict[str, Any], folder: str) -> bool:
    """Whether it names a file of this folder: a worker that could not ask the database for the name says null."""
    return (line["file"] or "").startswith(f"/inbox/{folder}/")
