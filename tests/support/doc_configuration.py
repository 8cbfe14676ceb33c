"""docs/configuration.md in the words of docs/config.schema.json: types and defaults of all keys."""

import json
import re

from doc_pages import ROOT, read

SCHEMA = json.loads((ROOT / "docs/config.schema.json").read_text())
PAGE = "docs/configuration.md"


def file_keys() -> dict[str, dict]:
    keys = {}
    for name, value in SCHEMA["properties"].items():
        nested = value.get("properties", {})
        keys |= {f"{name}.{inner}": each for inner, each in nested.items()} if nested else {name: value}
    return keys


def rule_keys() -> dict[str, dict]:
    return SCHEMA["definitions"]["rule"]["properties"]


def rows(heading: str) -> dict[str, list[str]]:
    """The cells behind the key, of the table under a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", read(PAGE), re.S | re.M)[1]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {key.strip("`"): rest for key, *rest in cells}


def type_of(schema: dict) -> str:
    """For people, in a few words."""
    if "$ref" in schema:
        return type_of(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "oneOf" in schema or "anyOf" in schema:
        kinds = [type_of(each) for each in schema.get("oneOf") or schema["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    match schema.get("type"):
        case "boolean":
            return "`true`, `false`"
        case "integer":
            return f"{schema['minimum']} to {schema['maximum']}"
        case "array":
            return "list of " + _several(schema["items"])
        case "object":
            return "object"
    return "text"


def _several(items) -> str:
    if items == {"$ref": "#/definitions/rule"}:
        return "rules"
    return "texts" if isinstance(items, list) or type_of(items) == "text" else "numbers"


def default_of(schema: dict) -> str | None:
    """As the page writes it; None where the schema has none, and the page may say it in words."""
    if "$ref" in schema:
        return default_of(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]])
    if "default" not in schema:
        return None
    value = schema["default"]
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`" if isinstance(value, bool) else str(value)
