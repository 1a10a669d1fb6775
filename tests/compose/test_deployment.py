"""What is deployed: hardened containers, secrets from files, status from outside, logs for programs, monitoring."""

import base64
import json
import re
import shutil
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from tests.conftest import eventually
from tests.support.servers.compose import REPOSITORY, Compose, run_program

OURS = ("watcher-1", "worker-1", "sweeper-1")


def test_containers_are_hardened(compose: Compose) -> None:
    containers = compose.containers()
    assert set(containers) == {"postgres-1", "redis-1", "migrate-1", *OURS}
    ports = [
        binding for container in containers.values() for binding in container["HostConfig"]["PortBindings"].values()
    ]
    assert ports == []
    for name, container in containers.items():
        host = container["HostConfig"]
        assert (host["ReadonlyRootfs"], host["SecurityOpt"]) == (True, ["no-new-privileges:true"]), name
        assert host["CapDrop"] == ["ALL"], name
        assert (host["Memory"] > 0, host["PidsLimit"] > 0) == (True, True), name
        assert set(container["NetworkSettings"]["Networks"]) == {f"{compose.name}_inside"}, name
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "5", "max-size": "10m"}}, name
        assert host["RestartPolicy"]["Name"] == ("no" if name == "migrate-1" else "unless-stopped")
        assert not [line for line in container["Config"]["Env"] if "PASSWORD=" in line], name
    for name in OURS:
        container = containers[name]
        assert container["Config"]["User"] == "newsmill"
        assert container["Config"]["StopTimeout"] == 45
        assert container["State"]["Health"]["Status"] == "healthy"


def test_worker_can_neither_change_blobs_nor_send_anything_away(compose: Compose) -> None:
    mounts = {name: compose.containers(name)[f"{name}-1"]["Mounts"] for name in ("worker", "watcher", "sweeper")}
    writable = {
        name: [mount["RW"] for mount in found if mount["Destination"] == "/var/lib/newsmill"]
        for name, found in mounts.items()
    }
    assert writable == {"worker": [False], "watcher": [True], "sweeper": [True]}
    network = json.loads(run_program("docker", "network", "inspect", f"{compose.name}_inside").stdout)
    assert network[0]["Internal"]


def test_role_is_no_superuser_and_who_is_one_has_no_password(compose: Compose) -> None:
    assert compose.sql("select count(*) from pg_roles where rolname = 'newsmill' and not rolsuper") == 1
    assert (
        compose.sql("select count(*) from pg_database where datname = 'newsmill' and datdba = 'newsmill'::regrole") == 1
    )
    query = "select count(*) from pg_authid where rolsuper and (rolname <> 'postgres' or rolpassword is not null)"
    assert compose("exec", "--no-TTY", "postgres", "psql", "-U", "postgres", "-XqAt", "-c", query) == "0\n"


def test_image_has_an_init_and_no_compiler_and_says_what_it_is(compose: Compose) -> None:
    worker = ("exec", "--no-TTY", "worker")
    assert compose(*worker, "cat", "/proc/1/comm") == "tini\n"
    assert compose(*worker, "id", "-un") == "newsmill\n"
    assert compose(*worker, "sh", "-c", "command -v cc gcc c++ make || true") == ""
    labels = compose.containers("worker")["worker-1"]["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "Newsmill"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert f"{labels['org.opencontainers.image.version']}\n" == compose(*worker, "newsmill", "--version")


def test_secrets_are_no_arguments_and_in_no_log(compose: Compose) -> None:
    secrets = [path.read_text().strip() for path in (compose.folder / "secrets").iterdir()]
    assert len({*secrets}) == 4
    assert {len(secret) for secret in secrets} == {32}
    said = compose("logs") + compose("top") + json.dumps(compose.containers())
    assert [secret for secret in secrets if secret in said] == []


def test_samples_go_through_and_are_seen_from_outside(compose: Compose) -> None:
    samples = compose.inbox / "samples"
    shutil.copytree(REPOSITORY / "seeds", samples, ignore=shutil.ignore_patterns("*.py", "README.md", "__pycache__"))
    eventually(lambda: len(compose.exported("samples")) == 17, what="17 documents of the samples")
    eventually(
        lambda: "by_state" in compose.newsmill("status", "--json") and _settled(compose), what="all have finished"
    )
    outcomes = [row["outcome"] for row in compose.exported("samples")]
    assert {name: outcomes.count(name) for name in set(outcomes)} == {
        "unique": 11, "near_duplicate": 2, "exact_duplicate": 1, "rejected": 1, "failed": 2
    }  # fmt: skip
    assert "11_nothing_but_site_chrome" in compose.newsmill("failed", "--list")
    assert compose.newsmill("health").startswith("healthy: ")
    assert "ok    migrations  current" in compose.newsmill("doctor")
    for service in ("watcher", "worker", "sweeper"):
        assert [
            line for line in compose.logs(service) if not {"event", "level", "timestamp", "role"} <= set(line)
        ] == []
    told = [line for line in compose.logs("worker") if "document" in line]
    assert len({line["document"] for line in told}) == 17
    assert {line["event"] for line in told if line["level"] == "info"} == {"finished"}
    assert [line for line in told if not (line["file"].startswith("/inbox/samples/") and line["stage"])] == []


def _settled(compose: Compose) -> bool:
    counts = json.loads(compose.newsmill("status", "--json"))["documents"]
    return bool(counts["by_state"]["done"] + counts["by_state"]["failed"] == counts["total"])


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        (
            ("NEWSMILL_DATABASE_PASSWORD_FILE=", "NEWSMILL_DATABASE_PASSWORD=wrong"),
            "PostgreSQL refused the login: ",
        ),
        (("NEWSMILL_REDIS_PASSWORD_FILE=", "NEWSMILL_REDIS_PASSWORD=wrong"), "Redis"),
        (("NEWSMILL_REDIS_PASSWORD_FILE=/run/secrets/none",), "NEWSMILL_REDIS_PASSWORD_FILE: /run/secrets/none cannot"),
    ],
)
def test_wrong_secret_is_one_line(compose: Compose, variables: tuple[str, ...], reason: str) -> None:
    given = [word for variable in variables for word in ("--env", variable)]
    for role in ("worker", "watcher"):
        ended = compose.run(*given, role)
        lines = said(ended.stderr)
        assert (ended.returncode, len(lines)) == (1, 1), ended.stderr
        assert reason in lines[0]
        assert "wrong" not in lines[0]


def test_redis_that_evicts_is_refused(compose: Compose) -> None:
    def configure(policy: str) -> None:
        command = f'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli config set maxmemory-policy {policy}'
        assert compose("exec", "--no-TTY", "redis", "sh", "-c", command) == "OK\n"

    configure("allkeys-lru")
    try:
        ended = compose.run("worker")
    finally:
        configure("noeviction")
    lines = said(ended.stderr)
    assert (ended.returncode, len(lines), "noeviction" in lines[0]) == (1, 1, True), ended.stderr


def said(stderr: str) -> list[str]:
    """What the container said, without what `docker compose run` says itself."""
    return [line for line in stderr.splitlines() if line and not re.match(r" ?(Container|Network) |time=", line)]


def test_flower_asks_for_the_password_and_sees_the_workers(compose: Compose) -> None:
    compose("--profile", "monitoring", "up", "--detach", "--wait", "flower")
    flower = compose.containers("flower")["flower-1"]
    mounted = {mount["Destination"] for mount in flower["Mounts"]}
    assert mounted == {"/run/secrets/redis_password", "/run/secrets/flower_password"}
    host, _, port = compose("--profile", "monitoring", "port", "flower", "5555").strip().rpartition(":")
    assert host == "127.0.0.1"
    url = f"http://{host}:{port}/workers?json=1"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=10)
    assert refused.value.code == 401
    password = (compose.folder / "secrets" / "flower_password").read_text().strip()
    login = base64.b64encode(f"newsmill:{password}".encode()).decode()

    def workers() -> list[object]:
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return list(json.load(answer)["data"])

    eventually(lambda: len(workers()) == 1, what="Flower shows the worker")
    compose("--profile", "monitoring", "rm", "--stop", "--force", "flower")


def test_web_console_asks_for_the_password_of_its_secret(compose: Compose) -> None:
    compose("--profile", "web", "up", "--detach", "--wait", "web")
    host, _, port = compose("--profile", "web", "port", "web", "8065").strip().rpartition(":")
    assert host == "127.0.0.1"
    url = f"http://{host}:{port}/api/v1/health"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=10)
    assert refused.value.code == 401
    password = (compose.folder / "secrets" / "web_password").read_text().strip()
    login = base64.b64encode(f"newsmill:{password}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer) == {"healthy": True, "problems": []}
    assert password not in compose("logs") + compose("top") + json.dumps(compose.containers("web"))
    compose("--profile", "web", "rm", "--stop", "--force", "web")


def test_one_pool_a_stage(compose: Compose) -> None:
    stages = replace(compose, files=("docker-compose.yml", "docker-compose.stages.yml"))
    stages("up", "--detach", "--wait")
    files = compose.drop("stages", seed=7, count=40)
    compose.wait_for("stages", len(files))
    compose.check("stages", files)
    compose("up", "--detach", "--wait", "--remove-orphans")


def test_backup_is_made_while_all_runs(compose: Compose) -> None:
    backup = compose.folder / "backup"
    backup.mkdir()
    backup.chmod(0o777)  # the image's user is not ours
    made = compose.run("--volume", f"{backup}:/backup", "watcher", "backup", "/backup")
    assert made.returncode == 0, made.stderr
    assert any(backup.iterdir())
