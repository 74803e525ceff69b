"""The API under what its own description allows, and under what it does not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.selection import examples
from tests.web.serving import bearer

if TYPE_CHECKING:
    from tests.web.serving import Running

STREAM = "/api/v1/changes/events"
"""Never ends: it is asked by `test_api`."""

EXAMPLES = examples(8, at_night=60)
"""Of each operation."""

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_no_request_ends_in_a_server_error(
    site: Running, mode: schemathesis.GenerationMode
) -> None:
    description = schemathesis.openapi.from_dict(site.json("/api/openapi.json"))
    asked = 0
    found: list[Any] = list(description.exclude(path=STREAM).get_all_operations())
    for operation in (each.ok() for each in found):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            if case.query and "wait" in case.query:
                case.query["wait"] = 0
            answer = case.call(base_url=site.address, headers=bearer(), timeout=60)
            case.validate_response(answer, checks=CHECKS)
            asked += 1

        with contextlib.suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
            ask()
    assert asked >= EXAMPLES
