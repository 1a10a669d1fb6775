"""What the API and the pages answer about a mill with articles, failures and copies."""

import json
import shlex
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from console.web.application import application
from db.sessions import Database
from newsmill.settings import Settings
from tests.documentation.pages import Page
from tests.support.corpus import generate, write
from tests.support.inline import InlineQueue, inline_queue
from tests.support.servers.web import OPERATOR, READER
from worker.services import Services


@pytest.fixture
def queue(mill: Services, tmp_path: Path) -> InlineQueue:
    """Eight files that are through: articles and copies, a broken one, and one about a bridge."""
    folder = tmp_path / "files"
    write(generate(5, 6, copies_share=0.5), folder)
    (folder / "broken.json").write_text('{"title": "Cut')
    (folder / "bridge.html").write_text(
        "<html><head><title>Old bridge closes</title><meta property='og:site_name' content='Amber Press'></head><body>"
        "<article><h1>Old bridge closes</h1><p>The council of Varnholt closes the old bridge over the river on Monday,"
        " and the new one opens.</p></article></body></html>"
    )
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()
    return queue


def test_documents_by_filter_a_page_at_a_time(queue: InlineQueue, client: TestClient) -> None:
    seen: list[int] = []
    before = None
    while True:
        parameters = {"limit": 3} | ({} if before is None else {"before": before})
        page = client.get("/api/v1/documents", params=parameters, auth=READER).json()
        seen += [one["id"] for one in page["documents"]]
        before = page["before"]
        if before is None:
            break
    assert len(seen) == 8
    assert seen == sorted(seen, reverse=True)

    def chosen(**parameters: str) -> set[str]:
        found = client.get("/api/v1/documents", params=parameters, auth=READER).json()["documents"]
        return {Path(one["path"]).name for one in found}

    assert chosen(outcome="failed") == {"broken.json"}
    assert chosen(source="Amber Press") == {"bridge.html"}
    assert chosen(path="*.html") == {"bridge.html"}
    assert len(chosen(outcome="!failed")) == 7
    assert chosen(stage="any") == set()
    answer = client.get("/api/v1/documents", params={"outcome": "lost"}, auth=READER)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("outcome lost: there are unique, ")


def test_a_document_with_its_text_and_bytes(queue: InlineQueue, client: TestClient) -> None:
    found = client.get("/api/v1/search", params={"q": '"old bridge"'}, auth=READER).json()["articles"]
    assert [one["title"] for one in found] == ["Old bridge closes"]
    assert [span["text"] for span in found[0]["passages"] if span["found"]] == ["old", "bridge"]
    path = f"/api/v1/documents/{found[0]['id']}"
    document = client.get(path, auth=READER).json()["documents"][0]
    assert (document["title"], document["publisher"]) == ("Old bridge closes", "Amber Press")
    assert client.get(f"{path}/text", auth=READER).text.startswith("The council of Varnholt closes")
    answer = client.get(f"{path}/bytes", auth=READER)
    assert answer.content.startswith(b"<html><head><title>Old bridge")
    assert answer.headers["content-disposition"] == "attachment"
    assert client.get("/api/v1/documents/999999", auth=READER).status_code == 404
    assert client.get("/api/v1/search", params={"q": " "}, auth=READER).status_code == 422
    assert client.get("/api/v1/search", params={"q": "bridge -varnholt"}, auth=READER).json()["articles"] == []


def test_a_failure_is_tried_again_by_its_reason(mill: Services, queue: InlineQueue, client: TestClient) -> None:
    failed = client.get("/api/v1/failures", auth=READER).json()["failed"]
    assert (failed["count"], failed["groups"][0]["stage"]) == (1, "parse")
    wanted = {"reason": failed["groups"][0]["reason"]}
    tried = [
        client.post("/api/v1/retries", json=wanted | more, auth=OPERATOR).json() for more in ({}, {"dry_run": False})
    ]
    assert tried == [{"failed": 1, "begun": 0}, {"failed": 1, "begun": 1}]
    with mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from work where stage = 'parse'")) == 1
    queue.settle()
    assert client.get("/api/v1/status", auth=READER).json()["documents"]["by_outcome"]["failed"] == 1
    rows = client.get("/api/v1/audit", auth=OPERATOR).json()
    assert [(row["who"], row["action"], row["details"]["begun"]) for row in rows] == [("opa", "retry what failed", 1)]
    assert client.post("/api/v1/retries", json={"reason": "no such reason"}, auth=OPERATOR).status_code == 409


def test_a_file_comes_into_the_inbox_whole(with_users: Settings, client: TestClient) -> None:
    inbox = with_users.inbox
    for _ in range(2):
        answer = client.post("/api/v1/files", params={"name": "a.txt"}, content=b"The council met.", auth=OPERATOR)
        assert answer.status_code == 201
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {
        "a.txt": b"The council met.", "a 2.txt": b"The council met."
    }  # fmt: skip
    for name in ("../a.txt", "", ".hidden", "a/b.txt", "a.part", "x" * 300, "a\x07.txt"):
        assert client.post("/api/v1/files", params={"name": name}, content=b"x", auth=OPERATOR).status_code == 422, name
    assert len(list(inbox.iterdir())) == 2


def test_a_file_over_the_limit_leaves_nothing(mill: Services, with_users: Settings) -> None:
    small = with_users.model_copy(update={"web_upload_bytes": 10})
    with TestClient(application(mill.database, small), base_url="http://localhost") as client:
        answer = client.post("/api/v1/files", params={"name": "a.txt"}, content=b"x" * 11, auth=OPERATOR)
    assert (answer.status_code, list(small.inbox.iterdir())) == (413, [])
    assert "NEWSMILL_WEB_UPLOAD_BYTES" in answer.json()["detail"]


def test_calls_as_the_page_shows_them(queue: InlineQueue, client: TestClient) -> None:
    """docs/operations/console.md shows them for curl; here another client sends the same."""
    users = {"rea": READER, "ada": OPERATOR}
    lines = [line for line in Page("docs/operations/console.md").text.splitlines() if line.startswith("curl ")]
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line)
        options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
        url = words[-1].replace("127.0.0.1:8065", "localhost")
        data = options.get("--json") or options.get("--data-binary")
        headers = {"content-type": "application/json"} if "--json" in options else {}
        answer = client.request(
            "GET" if data is None else "POST", url, content=data, headers=headers, auth=users[options["-u"]]
        )
        assert answer.status_code in {200, 201, 409}, (line, answer.text)  # 409: nothing failed for that reason


def test_settings_tell_no_secret(with_users: Settings, client: TestClient) -> None:
    answer = client.get("/api/v1/settings", auth=READER)
    assert answer.json()["web_users"] == "(set)"
    assert answer.json()["batch_documents"] == with_users.batch_documents
    secrets = [with_users.database_url, with_users.web_users]
    assert [one for one in secrets if one and one.get_secret_value() in answer.text] == []


def test_metrics_are_those_of_the_ledger(queue: InlineQueue, client: TestClient) -> None:
    lines = client.get("/metrics", auth=READER).text.splitlines()
    assert 'newsmill_documents{outcome="failed"} 1.0' in lines
    assert 'newsmill_files{state="done"} 8.0' in lines
    assert 'newsmill_processes{role="worker"} 0.0' in lines
    assert [line for line in lines if line.startswith("newsmill_problems")] == ["newsmill_problems 0.0"]


def test_while_the_database_is_away_everything_says_so_soon(with_users: Settings) -> None:
    app = application(Database("postgresql://nobody@127.0.0.1:1/none"), with_users)
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/healthz").json() == {"alive": True}
        for path in ("/readyz", "/metrics", "/api/v1/status", "/api/v1/documents", "/documents", "/workers"):
            answer = client.get(path, auth=READER)
            assert (answer.status_code, path) == (503, path)
        page = client.get("/", auth=READER)
        assert (page.status_code, "The database does not answer" in page.text) == (200, True)


def test_each_page_shows_hostile_text_as_text(mill: Services, tmp_path: Path, client: TestClient) -> None:
    payload = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a<img src=x onerror=alert(3)>.json").write_text(
        json.dumps({"title": payload, "text": f"The council {payload} met on the old bridge.", "publisher": payload})
    )
    (folder / "b<script>.json").write_text('{"title": "<script>')
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()
    ids = [one["id"] for one in client.get("/api/v1/documents", auth=READER).json()["documents"]]
    pages = [
        "/",
        "/documents",
        "/failures",
        "/corpus?q=council",
        "/documents?path=%3Cscript%3E&source=%22%3E%3Cscript%3E",
    ]
    for path in (*pages, *(f"/documents/{id_}" for id_ in ids), "/documents/%3Cscript%3E", "/nothing<script>"):
        page = client.get(path, auth=OPERATOR).text
        assert "<script>" not in page.replace('<script src="/static/script.js" defer></script>', ""), path
        assert "<img" not in page, path
