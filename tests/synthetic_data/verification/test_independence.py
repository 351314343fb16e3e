"""The verifier shares nothing with the generator but the tables."""

import ast
from pathlib import Path

import synthetic_data.verification
from synthetic_data.verification.checking import all_checks

FOLDER = Path(synthetic_data.verification.__file__).parent


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_only_the_tables_are_shared():
    names = {name for path in FOLDER.rglob("*.py") for name in imported(path)}
    own = {
        name
        for name in names
        if name.startswith("synthetic_data") and not name.startswith("synthetic_data.verification")
    }
    assert own == {"synthetic_data.tables"}


def test_each_file_of_the_folder_is_a_check():
    files = {path.stem for path in (FOLDER / "checks").glob("*.py")} - {"__init__"}
    assert {check.name for check in all_checks()} == files
