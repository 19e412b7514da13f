"""Problems say what is wrong in one form."""

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from streams.gateway.problems import EXAMPLES, MEDIA_TYPE, Overloaded, Problem, faults_of


@pytest.mark.parametrize("problem", EXAMPLES, ids=lambda problem: problem.name)
def test_problem_is_a_document(problem: Problem) -> None:
    """With its type, status and title, the request's id, and nothing that is empty."""
    response = problem.response("request-1")
    told = orjson.loads(response.body)
    assert response.headers["content-type"] == MEDIA_TYPE
    assert (told["status"], response.status_code) == (problem.status, problem.status)
    assert told["type"] == f"urn:ocrstream:problem:{problem.name}"
    assert told["request_id"] == "request-1"
    assert None not in told.values()


@pytest.mark.parametrize(("wait_s", "expected"), [(0.0, 1), (0.2, 1), (1.0, 2), (4.2, 5)])
def test_overloaded_never_says_to_come_too_early(wait_s: float, expected: int) -> None:
    """Whole seconds, at least one."""
    problem = Overloaded(429, "rate-limited", "wait", wait_s)
    assert int(problem.headers["Retry-After"]) == expected
    assert int(problem.headers["Retry-After"]) >= wait_s


def test_faults_name_fields_and_no_values() -> None:
    """The first few, and of a name that the client made up its beginning."""

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        size: int

    with pytest.raises(ValidationError) as caught:
        Strict.model_validate({"size": "secret", **{f"{n}{'x' * 1_000}": 1 for n in range(20)}})
    told = faults_of(caught.value.errors(), "body")
    assert told.startswith("size: ")
    assert "secret" not in told
    assert told.count(";") == 4
    assert len(told) < 1_000
    with pytest.raises(ValidationError) as caught:
        Strict.model_validate_json(b"[")
    assert faults_of(caught.value.errors(), "body").startswith("body: ")
