"""The URLs that Celery takes for ours."""

import pytest

from worker.app import app, broker_url


@pytest.mark.parametrize(
    ("given", "celery_takes"),
    [
        ("unix:///tmp/a%20b.sock?db=3", "redis+socket:///tmp/a%20b.sock?virtual_host=3"),
        ("unix:///tmp/a.sock", "redis+socket:///tmp/a.sock?virtual_host=0"),
        ("unix://user:pass@/tmp/a.sock", "redis+socket://user:pass@/tmp/a.sock?virtual_host=0"),
        ("redis://localhost:6379/1", "redis://localhost:6379/1"),
        ("rediss://:secret@host/0?ssl_cert_reqs=required", "rediss://:secret@host/0?ssl_cert_reqs=required"),
    ],
)
def test_celery_gets_the_url_in_its_own_form(given: str, celery_takes: str) -> None:
    assert broker_url(given) == celery_takes


def test_no_message_is_code_and_no_message_commands_a_worker() -> None:
    assert (app.conf.task_serializer, sorted(app.conf.accept_content)) == ("msgpack", ["json", "msgpack"])
    assert not app.conf.worker_enable_remote_control
