"""docs/openapi.yaml, and whether an answer is one of its answers."""

import functools
import json
import pathlib

import jsonschema
import yaml

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.yaml"
META = pathlib.Path("/usr/share/openapi-specification/schemas/v3.0/schema.json")


@functools.cache
def document() -> dict:
    return yaml.safe_load(FILE.read_text())


def operations() -> dict[str, tuple[str, str, dict]]:
    """Method, path and description, by operationId."""
    return {operation["operationId"]: (method.upper(), path, operation)
            for path, item in document()["paths"].items() for method, operation in item.items()}


def schema_of(name: str) -> dict:
    """A schema as JSON Schema has it: strict, so that a member that nobody described is noticed."""
    return _as_json_schema(document()["components"]["schemas"][name])


def check(name: str, value) -> None:
    jsonschema.Draft7Validator(schema_of(name)).validate(value)


def check_answer(operation_id: str, status: int, content_type: str, body: bytes) -> None:
    """Fails where the answer is none that the document has for this operation."""
    responses = operations()[operation_id][2]["responses"]
    response = responses.get(str(status)) or responses.get("default")
    assert response, f"{operation_id}: status {status}: {body[:300]!r}"
    content = response.get("content")
    if content is None:
        assert body == b"", body
        return
    wanted, = content
    assert content_type == wanted or content_type.split(";")[0] == wanted, f"{operation_id}: {content_type} is not {wanted}"
    if wanted == "application/json":
        jsonschema.Draft7Validator(_as_json_schema(content[wanted]["schema"])).validate(json.loads(body))


def _as_json_schema(schema):
    """OpenAPI 3.0 says nullable where JSON Schema has a type of its own; references are put in."""
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return schema_of(schema["$ref"].rpartition("/")[2])
    made = {key: {name: _as_json_schema(each) for name, each in value.items()} if key == "properties" else _as_json_schema(value)
            for key, value in schema.items() if key != "nullable"}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made
