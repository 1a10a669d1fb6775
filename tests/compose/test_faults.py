"""The deployment, broken on purpose: kills, drains, standstill, a host cut off; nothing is lost, nothing done twice."""

from collections import Counter
from collections.abc import Callable
from time import monotonic

from tests.conftest import eventually
from tests.support.compose import Compose, _run
from tests.support.corpus import GeneratedFile, generate, write

Report = Callable[[str], None]
GRACE_SECONDS = 45


def test_kills_and_a_restart_under_load(compose: Compose, report: Report) -> None:
    files = generate(1, 2000, copies_share=0.2)
    parts = [files[start::5] for start in range(5)]
    for part, service in zip(parts, ("worker", "watcher", "redis", "postgres"), strict=False):
        _drop(compose, "kills", part)
        seconds = _kill(compose, service)
        report(f"{service} killed: work went on {seconds:.1f} s after the kill")
    _drop(compose, "kills", parts[4])
    _under_way(compose, "kills")
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


def _kill(compose: Compose, service: str) -> float:
    """Seconds from the kill until a document finished that had not then; `up -d` comes at once."""
    _under_way(compose, "kills")
    compose("kill", service)
    began = monotonic()
    before = compose.finished("kills") if service != "postgres" else None
    compose("up", "--detach")
    eventually(lambda: compose.finished() >= 0)
    before = compose.finished("kills") if before is None else before
    eventually(lambda: compose.finished("kills") > before, what=f"work goes on after {service} was killed")
    return monotonic() - began


def _drop(compose: Compose, folder: str, files: list[GeneratedFile]) -> None:
    write(files, compose.inbox / folder)


def _under_way(compose: Compose, folder: str) -> None:
    """Until something has finished since the call, so that all parts are at work."""
    before = compose.finished(folder)
    eventually(lambda: compose.finished(folder) > before, what="work is under way")


def test_four_workers_share_and_drain(compose: Compose, report: Report) -> None:
    compose("up", "--detach", "--wait", "--scale", "worker=4")
    files = compose.drop("shared", seed=2, count=2000)
    compose.wait_for("shared", len(files))
    done = Counter(
        line["container"]
        for line in compose.logs("worker")
        if line["event"] == "finished" and line["file"].startswith("/inbox/shared/")
    )
    report(f"each of four workers finished {sorted(done.values())} of {len(files)}")
    assert (len(done), done.total()) == (4, len(files))
    assert min(done.values()) >= 0.15 * len(files)
    compose.check("shared", files)

    more = compose.drop("drained", seed=3, count=500)
    _under_way(compose, "drained")
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
    files = compose.drop("cut", seed=5, count=800)
    _under_way(compose, "cut")
    _network("disconnect", compose, lost)
    began = monotonic()
    cut_at = compose.finished("cut")
    assert cut_at < len(files)
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
    _run("docker", "network", action, f"{compose.name}_default", container)


def _took_part(compose: Compose, container: str, folder: str) -> bool:
    name = container.removeprefix(f"{compose.name}-")
    return any(
        line["container"] == name and line["event"] == "finished" and line["file"].startswith(f"/inbox/{folder}/")
        for line in compose.logs("worker")
    )
