"""Each broken variant of the client is the honest program with one part replaced, and still works."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from tableau_urgences.__main__ import Program
from urgences_board import running_board, until

from lab.engine.catalogue import catalogue
from lab.selftest.mutant import find_mutants

FOLDER = Path(__file__).parents[1] / "mutants" / "clients"
# Others change what is no part of the program: its page, its verification of certificates, its files.
FILES = [
    path
    for path in sorted(FOLDER.glob("*.py"))
    if "class Flawed" in (text := path.read_text()) and "from tableau_urgences.__main__" in text
]
SLOTS = ("transport", "tokens", "client", "poller", "site", "board_kind")


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    sys.path.insert(0, str(path.parent))  # as for any program
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module


def test_each_check_has_its_mutant():
    killers = {mutant.killed_by for mutant in find_mutants(FOLDER.parent) if mutant.kind == "clients"}
    assert killers == {id_ for id_ in catalogue() if id_.startswith(("CLI-", "K-"))} | {"L3-22"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mutant_replaces_one_part_and_overrides_one_method(path):
    module = loaded(path)
    assert path.stem.startswith(module.KILLED_BY.lower().replace("-", "_"))
    assert re.fullmatch(r"[A-Za-z].{20,90}", module.FLAW)
    changed = [slot for slot in SLOTS if getattr(module.Flawed, slot) is not getattr(Program, slot)]
    assert len(changed) == 1
    part = getattr(module.Flawed, changed[0])
    assert part.__bases__ == (getattr(Program, changed[0]),)
    assert len([name for name, value in vars(part).items() if callable(value)]) == 1


def test_a_mutant_runs_in_place_of_the_program(hospital, tmp_path):
    path = FOLDER / "cli_src_01_first_page_only.py"
    hospital.page_size = 2
    with running_board(hospital, tmp_path, command=(str(path),)) as board:
        until(lambda: board.get("/health").status_code == 200)
        assert len(board.state()["held"]["Encounter"]) == 2
        assert hospital.asked("/fhir/pages/") == []
