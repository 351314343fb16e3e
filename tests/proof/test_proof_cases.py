"""A failing case is made small, written to a file, replayed by the command line."""

from pathlib import Path

import holes
import pytest
from typer.testing import CliRunner

from lab.cli.app import app
from lab.proof.case import CaseError, load_case
from lab.proof.pair import pair
from lab.proof.plan import Plan
from lab.proof.prove import examine, prove
from lab.proof.shrinking import shrunk


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a hole."""
    holes.deleted(monkeypatch)


@pytest.mark.usefixtures("broken")
def test_a_case_shrinks_and_replays(tmp_path: Path) -> None:
    (case,) = prove(Plan(21, 1000, worlds=20)).failures
    small = shrunk(case)
    assert len(small.steps) <= 2
    small.save(tmp_path / "case.json")
    again = load_case(tmp_path / "case.json")
    assert again.steps == small.steps
    assert examine(again.engine, pair(again.pair), iter(again.steps)).failures


@pytest.mark.usefixtures("broken")
def test_the_command_shows_the_smallest_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_LANG", "en")
    monkeypatch.chdir(tmp_path)
    command = ["security", "prove", "--seed", "21", "--requests", "1000", "--worlds", "20"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "lab security prove --replay failing-case.json" in result.output
    replayed = CliRunner().invoke(app, ["security", "prove", "--replay", "failing-case.json"])
    assert replayed.exit_code == 1
    assert "410" in replayed.output


def test_the_command_sums_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_LANG", "fr")
    summary = tmp_path / "summary.json"
    command = ["security", "prove", "--requests", "100", "--worlds", "2", "--json", str(summary)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "paires de mondes" in result.output
    assert '"pairs": 2' in summary.read_text()


@pytest.mark.parametrize("content", ["", "[]", '{"engine": "x"}'])
def test_what_is_no_case_is_said(content: str, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(content)
    with pytest.raises(CaseError, match=r"case\.json is no case of a proof"):
        load_case(path)


def test_an_unknown_engine_is_said() -> None:
    result = CliRunner().invoke(app, ["security", "prove", "--engine", "guess"])
    assert result.exit_code == 2
