"""What the log shows, on a terminal and for programs."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from newsmill.logs import PER_DOCUMENT, configure_logging
from newsmill.settings import Settings


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


def _fail() -> None:
    local_that_may_hold_a_secret = "hidden"
    raise ValueError(f"a bug of {len(local_that_may_hold_a_secret)} letters")


def _log(log_format: str, *, quiet: bool = False) -> None:
    configure_logging(Settings(log_format=log_format), role="sweep", quiet=quiet)
    log = structlog.get_logger("test")
    log.info("accepted", files=3, first="/in/two\nlines")
    logging.getLogger("celery.app.trace").info("chatty")
    logging.getLogger("some.library").warning("careful: %s", "x")
    try:
        _fail()
    except ValueError:
        log.exception("failed")


def test_json_lines_hold_one_event_each(capsys: pytest.CaptureFixture[str]) -> None:
    _log("json")
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(e["event"], e["level"], e["role"]) for e in events] == [
        ("accepted", "info", "sweep"), ("careful: x", "warning", "sweep"), ("failed", "error", "sweep")
    ]  # fmt: skip
    assert (events[0]["files"], events[0]["first"]) == (3, "/in/two\nlines")
    assert "ValueError: a bug of 6 letters" in events[2]["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_values_of_locals(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    _log(log_format)
    shown = capsys.readouterr().err
    assert "ValueError: a bug of 6 letters" in shown
    assert "hidden" not in shown.replace('= "hidden"', "")


def test_a_line_for_each_document_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    for log_format in ("json", "console"):
        configure_logging(Settings(log_format=log_format), role="worker")
        logging.getLogger(PER_DOCUMENT).info("finished")
    shown = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in shown] == ["finished"]


def test_quiet_commands_log_only_what_nobody_expected(capsys: pytest.CaptureFixture[str]) -> None:
    _log("json", quiet=True)
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["failed"]


_HOSTILE = "a\x1b]0;OWNED\x07\x1b[31m\x9b31m\nnewsmill: all is lost\r\u202etxt.\u2066exe\u2028b\x7f"
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_names_and_texts_from_outside_steer_no_terminal(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logging(Settings(log_format=log_format), role="watch")
    log = structlog.get_logger("test")
    log.warning(_HOSTILE, file=_HOSTILE, **{_HOSTILE: 1}, many=[_HOSTILE], by_name={_HOSTILE: _HOSTILE})
    logging.getLogger("some.library").warning("%s: it vanished", _HOSTILE)
    try:
        raise ValueError(_HOSTILE)
    except ValueError:
        log.exception("failed")
    shown = capsys.readouterr().err
    assert _STEERING.findall(shown) == []
    assert [line for line in shown.splitlines() if line.startswith("newsmill: all is lost")] == []
    assert shown.count("OWNED") >= 7
    assert len([line for line in shown.splitlines() if "OWNED" in line and "ValueError" not in line]) <= 2 + (
        log_format == "console"
    )
