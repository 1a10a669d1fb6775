"""What Prometheus reads, out of the ledger: Celery's events lose counts when a process dies."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from console.services.browsing.live import View, problems, view
from console.services.overview import Status
from console.web.context import Console
from newsmill.vocabulary import Role

__all__ = ["metrics"]


class _Ledger(Collector):
    def __init__(self, status: Status, found: View, problem_count: int) -> None:
        self._status = status
        self._view = found
        self._problems = problem_count

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields the families; their labels have few values whatever the documents are."""
        documents, files = self._status.documents, self._status.files
        yield _family("newsmill_documents", "Documents that have ended, by outcome.", "outcome", documents.by_outcome)
        yield _family(
            "newsmill_documents_unfinished", "Unfinished documents, by next stage.", "stage", documents.by_stage
        )
        yield _family("newsmill_documents_by_state", "Documents by state.", "state", documents.by_state)
        yield _family("newsmill_documents_again", "Ended ones that go through again.", "stage", self._status.again)
        yield _family("newsmill_files", "Files by state.", "state", files.by_state)
        yield _family(
            "newsmill_paused",
            "1 for each stage, or intake, that is paused.",
            "scope",
            {one.scope: 1 for one in self._status.paused},
        )
        alive = {role.value: sum(p.role == role for p in self._view.processes) for role in Role}
        yield _family("newsmill_processes", "Roles with a heartbeat.", "role", alive)
        yield _one(
            "newsmill_documents_per_second",
            "Documents that ended, a second, over the last minute.",
            self._status.rates.last_minute,
        )
        yield _one(
            "newsmill_intake_errors",
            "Paths that could not be taken yet, 1,000 at the most.",
            len(self._status.intake_errors),
        )
        yield _one("newsmill_due", "Items that have been due for longer than NEWSMILL_STALL_SECONDS.", self._view.due)
        yield _one(
            "newsmill_oldest_due_seconds", "For how long the first of these has been due.", self._view.due_seconds
        )
        yield _one("newsmill_dispatched", "Items whose message should be in Redis.", self._view.dispatched)
        yield _one("newsmill_overdue_leases", "Leases that are older than any limit allows.", self._view.overdue)
        yield _one("newsmill_returning", "Items that come back from their stage again and again.", self._view.returning)
        yield _one("newsmill_intake_stopped", "1 where nothing is taken in.", int(bool(self._view.intake_stopped)))
        yield _one("newsmill_problems", "What `newsmill health` finds wrong; 0 where work moves.", self._problems)


def metrics(console: Console) -> bytes:
    """Returns the text that Prometheus reads. Raises TransientError while the database is away."""
    found = view(console.database, console.settings)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ledger(console.overview.get().status, found, len(problems(found, console.settings))))
    return generate_latest(registry)


def _family(name: str, said: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _one(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)
