"""The tables of docs/configuration.md say what docs/config.schema.json says, and what the sources say whom a key is for.

tests/integration/config/test_schema.py compares schema and parser, and the names of the keys.
"""

import re

import pytest

import doc_configuration as page
from doc_pages import ROOT

REQUIRED = page.SCHEMA["definitions"]["rule"]["required"]


@pytest.mark.parametrize("key, schema", page.file_keys().items(), ids=page.file_keys())
def test_keys_of_the_file(key, schema):
    kind, meaning, default = page.rows("The file")[key]
    assert kind == page.type_of(schema) and meaning
    assert page.default_of(schema) in (None, default)


@pytest.mark.parametrize("key, schema", page.rule_keys().items(), ids=page.rule_keys())
def test_keys_of_a_rule(key, schema):
    kind, meaning, default, whom = page.rows("Rules")[key]
    assert kind == page.type_of(schema) and meaning
    assert default == ("required" if key in REQUIRED else page.default_of(schema) or "")
    assert whom == whom_in_sources(key)


def whom_in_sources(key: str) -> str:
    """The table of the parser: which providers know a key; it has no line for those that all know."""
    source = (ROOT / "daemon/config/rule_keys.cpp").read_text()
    uses = {name: re.findall(r'"(\w+)"', providers) for name, providers in re.findall(r'Use\{"(\w+)",([^}]*)\}', source)}
    assert len(uses) > 10
    if key not in uses:
        return "all"
    return ", ".join(f"`{provider}`" for provider in uses[key])


def test_an_editor_says_what_each_key_is_for():
    keys = {**page.file_keys(), **page.rule_keys()}
    assert [key for key, schema in keys.items() if not schema.get("description")] == []
