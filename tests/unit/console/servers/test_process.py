"""What the embedded servers have in common."""

from pathlib import Path

import pytest

from console.servers import process
from console.servers.postgres import PostgresServer


@pytest.mark.parametrize(("size", "left", "kept"), [(10, "x" * 10, None), (11, "", "x" * 11)])
def test_a_log_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, left: str, kept: str | None
) -> None:
    monkeypatch.setattr(process, "MAX_LOG_BYTES", 10)
    server = PostgresServer(tmp_path, tmp_path)
    server.log.parent.mkdir()
    server.log.write_text("x" * size)
    server.bound_log()
    before = server.log.with_name("postgres.log.1")
    assert (server.log.read_text(), before.read_text() if before.exists() else None) == (left, kept)
