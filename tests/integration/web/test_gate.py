"""Who may do what, over the whole table of routes."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from console.web.application import application
from newsmill.settings import Settings
from tests.support.servers.web import OPERATOR, READER
from worker.services import Services

OPEN = {"/healthz", "/readyz", "/login", "/logout"}
FOR_OPERATORS = {"/audit", "/api/v1/audit", "/upload"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path, with numbers and words where a path has places for them."""
    included = [one.original_router.routes for one in app.routes if hasattr(one, "original_router")]
    for route in chain(app.routes, *included):
        if isinstance(route, APIRoute):
            path = route.path.replace("{document_id}", "1").replace("{scope}", "store")
            for method in sorted(route.methods):
                yield method, path


def is_write(method: str, path: str) -> bool:
    return path not in OPEN and method not in {"GET", "HEAD"}


def asked(client: TestClient, method: str, path: str, **more: Any) -> int:
    return client.request(method, path, **more).status_code


def test_nobody_gets_past_without_logging_in(app: FastAPI, client: TestClient) -> None:
    table = list(routes(app))
    assert len(table) > 25
    for method, path in table:
        status = asked(client, method, path)
        if path in OPEN:
            assert status in {200, 303, 422}, (method, path)
        elif path.startswith(("/api/", "/metrics")):
            assert status == 401, (method, path)
        else:
            assert status in {303, 401}, (method, path)


def test_a_reader_reads_and_changes_nothing(app: FastAPI, client: TestClient) -> None:
    for method, path in routes(app):
        if path == "/live/overview":  # it has no end
            continue
        status = asked(client, method, path, auth=READER)
        if is_write(method, path) or path in FOR_OPERATORS:
            assert status == 403, (method, path)
        else:
            assert status in {200, 303, 404, 422}, (method, path)


def test_without_users_everybody_reads_and_nobody_changes_anything(mill: Services, settings: Settings) -> None:
    app = application(mill.database, settings)
    with TestClient(app, base_url="http://127.0.0.1:8065", follow_redirects=False) as client:
        for method, path in routes(app):
            if is_write(method, path) or path in FOR_OPERATORS:
                answer = client.request(method, path)
                assert (answer.status_code, method, path) == (403, method, path)
                assert "NEWSMILL_WEB_USERS" in answer.text
        assert client.get("/").status_code == 200


def log_in(client: TestClient, user: tuple[str, str]) -> str:
    """Logs in as a browser does; returns what forms send along."""
    answer = client.post("/login", data={"name": user[0], "password": user[1], "next": "/documents"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    found = re.search(r'data-csrf="([^"]+)"', client.get("/documents").text)
    assert found is not None
    return found[1]


def test_a_form_of_another_site_changes_nothing(mill: Services, client: TestClient) -> None:
    csrf = log_in(client, OPERATOR)
    fields = {"scope": "store", "paused": "true"}
    assert client.post("/pauses", data=fields).status_code == 403
    assert client.post("/pauses", data=fields | {"csrf": "x" * len(csrf)}).status_code == 403
    own = fields | {"csrf": csrf}
    assert client.post("/pauses", data=own, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/v1/status").json()["paused"] == []
    assert client.post("/pauses", data=own, headers={"origin": "http://localhost"}).status_code == 303
    assert client.get("/api/v1/audit").json()[0]["who"] == OPERATOR[0]
    assert client.put("/api/v1/pauses/clean").status_code == 403
    assert client.put("/api/v1/pauses/clean", headers={"x-csrf-token": csrf}).json() == {"paused": ["clean", "store"]}


def test_logging_out_ends_the_session(client: TestClient) -> None:
    log_in(client, READER)
    cookie = {"cookie": f"newsmill_session={client.cookies['newsmill_session']}"}
    client.cookies.clear()
    assert client.get("/documents", headers=cookie).status_code == 200
    assert client.post("/logout", headers=cookie).headers["location"] == "/login"
    assert client.get("/documents", headers=cookie).status_code == 303


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(client: TestClient, path: str) -> None:
    answer = client.post("/login", data={"name": READER[0], "password": READER[1], "next": path})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_wrong_passwords_close_the_door(client: TestClient) -> None:
    statuses = [
        client.post("/login", data={"name": OPERATOR[0], "password": f"wrong {number}"}).status_code
        for number in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    answer = client.get("/api/v1/status", auth=OPERATOR)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 200) == (429, True)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::1"])
def test_a_name_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    """A page whose name somebody points at 127.0.0.1 would read everything (DNS rebinding)."""
    assert client.get("/healthz", headers={"host": host}).status_code == 421


def test_what_is_too_large_or_says_not_how_large_is_not_read(client: TestClient) -> None:
    assert client.post("/login", content=b"x" * 70_000, headers=FORM).status_code == 413
    assert client.post("/login", content=iter([b"name=a"]), headers=FORM).status_code == 411
    files = {"files": ("a.txt", b"x")}
    assert client.post("/upload", files=files).status_code == 403


def test_each_answer_has_the_headers_that_keep_scripts_out(client: TestClient) -> None:
    for path in ("/login", "/healthz", "/nothing", "/api/v1/status", "/static/script.js"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
