"""docs/openapi.json says what the gateway takes and answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from streams.gateway.app import build_api
from streams.gateway.export import main

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = json.loads((DOCS / "openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: operation
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
}

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def contents(operation: dict[str, object]) -> Iterator[dict[str, object]]:
    """Every body of a request or an answer."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]  # type: ignore[attr-defined]
    for body in bodies:
        yield from body.get("content", {}).values()


def test_docs_are_up_to_date() -> None:
    """Whoever changes the API runs `make docs`."""
    assert main(["--check", str(DOCS)]) == 0


def test_export_check_finds_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing or altered makes the exit code 1, and is named."""
    assert main(["--check", str(tmp_path)]) == 1
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / "openapi.json").write_text("{}")
    capsys.readouterr()
    assert main(["--check", str(tmp_path)]) == 1
    assert "openapi.json" in capsys.readouterr().err


def test_operations_are_called_by_short_names() -> None:
    """Clients that are generated from it have these functions; renaming one breaks them."""
    assert set(OPERATIONS) == {
        "submit_document",
        "get_document",
        "get_text",
        "get_picture",
        "follow_document",
        "delete_document",
        "begin_upload",
        "confirm_upload",
        "read",
    }


def test_every_reference_leads_somewhere() -> None:
    """Schemas and headers that are pointed at are there, and those that are there are used."""
    targets = set(re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(DOCUMENT)))
    components = DOCUMENT["components"]
    there = {f"{kind}/{name}" for kind in ("schemas", "headers") for name in components[kind]}
    discriminated = {f"schemas/{name}" for name in ("DocumentProgressed", "ProgressState")}
    assert targets | discriminated == there


def test_every_example_is_valid() -> None:
    """What is shown is what is taken and answered."""
    schemas = DOCUMENT["components"]["schemas"]
    shown = 0
    for name, schema in schemas.items():
        whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        for example in schema.get("examples", ()):
            Draft202012Validator(whole).validate(example)
            shown += 1
    for operation in OPERATIONS.values():
        for content in contents(operation):
            if "example" in content:
                whole = {**content["schema"], "components": DOCUMENT["components"]}  # type: ignore[dict-item]
                Draft202012Validator(whole).validate(content["example"])
                shown += 1
    assert shown > 50


@every_operation
def test_operation_says_everything(operation: dict[str, object]) -> None:
    """Who may, what may go wrong, and an example of each body that is text."""
    assert operation["security"] == [{"ApiKey": []}, {"Bearer": []}]
    responses: dict[str, dict[str, dict[str, object]]] = operation["responses"]  # type: ignore[assignment]
    assert {"401", "403", "422", "429", "500", "503"} < set(responses)
    for status, answer in responses.items():
        assert "X-Request-Id" in answer["headers"]
        is_told = status >= "400"
        assert ("application/problem+json" in answer.get("content", {})) == is_told
    assert "WWW-Authenticate" in responses["401"]["headers"]
    assert "Retry-After" in responses["429"]["headers"]
    for content in contents(operation):
        schema: dict[str, str] = content["schema"]  # type: ignore[assignment]
        name = schema.get("$ref", "").rpartition("/")[2]
        has_example = "example" in content or DOCUMENT["components"]["schemas"].get(name, {}).get(
            "examples"
        )
        assert has_example or schema.get("format") == "binary" or name == "DocumentForm"


def test_it_names_no_machine() -> None:
    """It is the same for everybody: no addresses of servers, no paths of files."""
    assert "servers" not in DOCUMENT
    text = json.dumps(DOCUMENT)
    assert "127.0.0.1" not in text
    assert "localhost" not in text
    assert str(Path.home()) not in text or str(Path.home()) == "/"


def test_every_route_below_v1_is_described() -> None:
    """No route is hidden."""
    routes = {
        route.path  # type: ignore[attr-defined]
        for route in build_api(None).routes
        if getattr(route, "path", "").startswith("/v1/")
    }
    assert routes <= set(DOCUMENT["paths"])
