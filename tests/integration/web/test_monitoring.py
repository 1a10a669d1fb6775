"""Prometheus' own tools find nothing wrong with the metrics and the rules, and each alert fires for its fault."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from newsmill.settings import ServerUrls
from tests.documentation.pages import ROOT
from tests.support.servers.web import READER

MONITORING = ROOT / "deploy" / "monitoring"
RULES = MONITORING / "alerts.yml"


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """Runs promtool of Debian's package, which is installed where it is missing; returns what it says."""
    if shutil.which("promtool") is None:
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "prometheus"]):
            subprocess.run(["apt-get", "--quiet", *words], check=True, capture_output=True)

    def run(*words: str, given: str = "") -> str:
        done = subprocess.run(["promtool", *words], check=False, input=given, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_metrics_and_rules_are_as_prometheus_wants_them(client: TestClient, promtool: Callable[..., str]) -> None:
    assert promtool("check", "metrics", given=client.get("/metrics", auth=READER).text) == ""
    assert "8 rules found" in promtool("check", "rules", str(RULES))
    promtool("check", "config", str(MONITORING / "prometheus.yml"))


STOPPED = (
    "insert into intake_errors (path, error_class, message)"
    " values ('/inbox', 'IntakeStopped', 'the disk is nearly full')"
)
WORKER = "insert into processes (name, role, host, pid) values ('w', 'worker', 'here', 1)"
FAULTS: dict[str, tuple[str, ...]] = {
    "NewsmillStalled": (
        "insert into work (id, stage, generation, size_bytes, lane, dispatched_at)"
        " values (1, 'parse', 0, 1, 0, now() - interval '1 hour')",
    ),
    "NewsmillNoWorker": (),
    "NewsmillIntakeStopped": (STOPPED,),
    "NewsmillFilesNotTaken": (
        "insert into intake_errors (path, error_class, message) values ('/inbox/a', 'TransientError', 'locked')",
    ),
    "NewsmillComesBack": (
        "insert into work (id, stage, generation, size_bytes, lane, waits, losses)"
        " values (1, 'parse', 0, 1, 0, 100, 100)",
    ),
    "NewsmillPausedForLong": ("insert into holds (scope) values ('store')",),
}


@pytest.mark.parametrize("alert", FAULTS)
def test_an_alert_fires_for_its_fault(
    alert: str, client: TestClient, urls: ServerUrls, promtool: Callable[..., str], tmp_path: Path
) -> None:
    with psycopg.connect(urls.database_url) as connection:
        for statement in FAULTS[alert] if alert == "NewsmillNoWorker" else (WORKER, *FAULTS[alert]):
            connection.execute(statement.encode())
    series = _series(client.get("/metrics", auth=READER).text)
    series["up{job='newsmill'}"] = "1x2000"
    assert alert in _fired(tmp_path, series)


def test_the_alert_of_many_failures_and_of_a_console_that_is_away(promtool: Callable[..., str], tmp_path: Path) -> None:
    failed = {
        "newsmill_documents{outcome='failed'}": "0+1x2000", "newsmill_documents{outcome='unique'}": "0+5x2000",
        "up{job='newsmill'}": "0x2000",
    }  # fmt: skip
    assert {"NewsmillManyFailures", "NewsmillDown"} <= _fired(tmp_path, failed)
    few = {"newsmill_documents{outcome='failed'}": "0+1x2000", "newsmill_documents{outcome='unique'}": "0+50x2000"}
    assert _fired(tmp_path, few) == set()


def _series(metrics: str) -> dict[str, str]:
    """The metrics as they are now, for a day and more."""
    lines = [line.rpartition(" ") for line in metrics.splitlines() if line and not line.startswith("#")]
    return {name: f"{float(value):g}x2000" for name, _, value in lines}


def _fired(folder: Path, series: dict[str, str]) -> set[str]:
    """Which alerts fire after a day of these series: promtool is told that none does, and names those that do."""
    names = re.findall(r"alert: (\w+)", RULES.read_text())
    test: dict[str, Any] = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": one, "values": values} for one, values in series.items()],
                "alert_rule_test": [{"eval_time": "1500m", "alertname": name, "exp_alerts": []} for name in names],
            }
        ],
    }
    file = folder / "test.json"  # JSON is YAML
    file.write_text(json.dumps(test))
    done = subprocess.run(["promtool", "test", "rules", str(file)], check=False, capture_output=True, text=True)
    fired = set(re.findall(r"alertname: (\w+)", done.stdout + done.stderr))
    assert bool(fired) == bool(done.returncode), done.stdout + done.stderr
    return fired
