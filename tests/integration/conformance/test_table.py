"""The table holds: a row for each behaviour, proofs that exist and are run, and a page that says the same."""

import ast
import functools
import re

import pytest

from table import PAGE, ROOT, TABLE, page


@functools.cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests of a file; of Python those that nothing skips or expects to fail."""
    text = (ROOT / file).read_text()
    if file.endswith(".cpp"):
        found = re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.MULTILINE)
        return frozenset(f"{suite}.{name}" for suite, name in found)
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_") and not _is_excused(node))


def _is_excused(function: ast.FunctionDef) -> bool:
    return any(re.search(r"\b(skip|skipif|xfail)\b", ast.unparse(each)) for each in function.decorator_list)


def test_there_is_a_row_for_each_behaviour():
    assert [row.number for row in TABLE] == [f"C{number}" for number in range(1, 29)]


def test_each_row_is_proven():
    assert [row.number for row in TABLE if not row.proofs] == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.number)
def test_its_proofs_exist(row):
    for proof in row.proofs:
        file, _, name = proof.partition("::")
        assert name in names_in(file), proof


def test_the_page_is_the_table():
    assert PAGE.read_text() == page(), "write it again: /usr/bin/python3 tests/integration/conformance/table.py"
