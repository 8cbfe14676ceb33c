"""The JSON Schema agrees with the parser: the same table is put to both.

tests/unit/config puts it to the parser. Rows with `schema_accepts` are what the parser
checks beyond what a schema can say.
"""

import json
import pathlib
import re

import pytest

jsonschema = pytest.importorskip("jsonschema")

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/config.schema.json").read_text())
ROWS = json.loads((ROOT / "tests/unit/config/documents.json").read_text())
CHECK = jsonschema.Draft7Validator(SCHEMA)


def test_the_schema_is_one():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_it_agrees_with_the_parser(row):
    good = "says" not in row or row.get("schema_accepts", False)
    assert CHECK.is_valid(row["document"]) == good


def documented_keys(heading):
    """The keys in the first column of the table under a heading of configuration.md."""
    text = (ROOT / "docs/configuration.md").read_text()
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.S | re.M).group(1)
    return set(re.findall(r"^\| `([^`]+)`", section, re.M))


def test_the_manual_names_every_key_of_a_rule():
    assert documented_keys("Rules") == set(SCHEMA["definitions"]["rule"]["properties"])


def test_the_manual_names_every_key_of_the_file():
    keys = set()
    for name, value in SCHEMA["properties"].items():
        nested = value.get("properties")
        keys |= {f"{name}.{inner}" for inner in nested} if nested else {name}
    assert documented_keys("The file") == keys


def test_the_examples_of_the_manual_are_valid():
    text = (ROOT / "docs/configuration.md").read_text()
    examples = re.findall(r"^```jsonc\n(.*?)^```", text, re.S | re.M)
    assert examples
    for example in examples:
        document = json.loads(re.sub(r"(^|\s)//[^\n]*", "", example))
        CHECK.validate(document)
