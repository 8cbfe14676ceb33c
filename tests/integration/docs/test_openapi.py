"""docs/openapi.yaml is OpenAPI, has the paths of the sources, and agrees with docs/protocol.md.

tests/integration/daemon/test_openapi.py puts a daemon's answers to it.
"""

import json
import re

import jsonschema
import pytest

import doc_pages
import openapi
from doc_pages import ROOT

# Beginnings that are put together with a verb.
VERBS = {"/v1/docker/": ("get", "store", "erase", "list"), "/v1/bazel/": ("get",), "/v1/kubelet/": ("get",),
         "/v1/import/": ("route", "keep", "recall", "forget", "list")}
# What the examples of docs/protocol.md are, by a member that they have.
EXAMPLES = {"entries": "Status", "events": "Audit", "steps": "Report", "identity": "Refreshed", "action": "Action", "scheme": "ScopedToken",
            "actions": "LoggedIn", "left_in_file": "Store", "migration": "Migration"}


def test_it_is_openapi():
    meta = json.loads(openapi.META.read_text())
    jsonschema.Draft4Validator(meta).validate(openapi.document())


def test_its_references_resolve_and_all_schemas_are_used():
    text = openapi.FILE.read_text()
    used = set(re.findall(r"#/components/schemas/(\w+)", text))
    schemas = set(openapi.document()["components"]["schemas"])
    bodies = set(re.findall(r"JSON: an? (\w+)", text))  # within a helper's body
    assert used <= schemas and schemas <= used | bodies


def test_it_has_the_paths_of_the_sources():
    sources = [path for folder in ("daemon", "common") for path in (ROOT / folder).rglob("*.[ch]pp")]
    named = {path for file in sources for path in re.findall(r'"(/v1/[a-z/-]*|/metrics)"', file.read_text())}
    named |= {path for file in sources for path in re.findall(r'"(/v1/store/[a-z]+)', file.read_text())}
    whole = {path + verb for path in named for verb in VERBS.get(path, ("",))} - {"/v1/"}
    described = set(openapi.document()["paths"])
    assert whole - described == set(), "described nowhere"
    assert {path for path in described - whole if not path.startswith("/v1/store/")} == set(), "in no source"


@pytest.mark.parametrize("path", openapi.document()["paths"])
def test_the_protocol_describes_it(path):
    text = doc_pages.read("docs/protocol.md")
    folder, _, verb = path.rpartition("/")
    assert path in text or (folder in text and re.search(rf"`{verb}`", text))


def test_examples_of_the_protocol_are_of_their_schemas():
    checked = set()
    for block in doc_pages.blocks("docs/protocol.md"):
        if block.language != "json":
            continue
        value = json.loads(block.text)
        name = next(name for member, name in EXAMPLES.items() if member in value)
        openapi.check(name, value)
        checked.add(name)
    assert checked == set(EXAMPLES.values())


def test_codes_are_those_of_the_sources():
    codes = re.findall(r"^  (\w+), ", re.search(r"enum class Errc \{(.*?)\};", (ROOT / "common/result.hpp").read_text(), re.S)[1],
                       re.M)
    assert openapi.document()["components"]["schemas"]["Code"]["enum"] == codes
    listed = re.search(r"`code` is\none of (.*?)\. ", doc_pages.read("docs/protocol.md"), re.S)[1]
    assert re.findall(r"`(\w+)`", listed) == codes
