"""The API does what its own OpenAPI description says: calls drawn from it meet no status that is not in it."""

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.support.servers.web import OPERATOR

_CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.mark.parametrize("user", [None, OPERATOR], ids=["nobody", "an operator"])
def test_calls_that_are_drawn_from_the_description(app: FastAPI, user: tuple[str, str] | None) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers={"host": "localhost"})
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 14
    statuses: set[int] = set()
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def call(case: schemathesis.Case) -> None:
            answer = case.call_and_validate(headers={"host": "localhost"}, auth=user, checks=_CHECKS)
            statuses.add(answer.status_code)

        call()
    assert statuses == {401} if user is None else {200, 404, 409, 422} <= statuses
