"""``lab load compare`` on run folders as both kinds of runs leave them."""

from dataclasses import replace

import pytest
from recorded_load import PROFILE_PLAN, loaded
from synthetic_cells import PLAN, cells, contended

from lab.certification.comparing import ComparisonError, compare_runs
from lab.certification.folder import RunFolder
from lab.scaling.cell import CELLS_FILE
from lab.scaling.plan import PLAN_FILE


def scaled(path, law, *, plan=PLAN, **flaws):
    """Write the folder of a scalability run of a law and return it."""
    folder = RunFolder(path).scaling
    folder.mkdir(parents=True)
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    lines = [cell.to_json() + b"\n" for cell in cells(law, plan, **flaws)]
    (folder / CELLS_FILE).write_bytes(b"".join(lines))
    return path


def test_linear_here_exponential_there(lab, tmp_path):
    linear = scaled(tmp_path / "a", contended, seed=1, repetitions=9)
    steep = scaled(tmp_path / "b", lambda size, _: 2 ** (size / 260), seed=2, repetitions=9)
    done = lab("load", "compare", linear, steep)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "search: linear here, exponential there" in done.stdout
    assert "steeper" in done.stdout
    assert compare_runs(steep, linear, 0.05).contrasts["search"].word == "flatter"


def test_the_same_law_twice_does_not_differ(tmp_path):
    runs = [scaled(tmp_path / str(seed), contended, seed=seed, repetitions=12) for seed in (1, 2)]
    compared = compare_runs(*runs, 0.05)
    assert not compared.words & {"slower", "faster", "steeper", "flatter"}
    assert len(compared.rows) == 5


def test_a_slower_version_is_found_at_every_size(tmp_path):
    first = scaled(tmp_path / "a", contended, seed=1, repetitions=12)
    second = scaled(tmp_path / "b", lambda size, n: 1.25 * contended(size, n), seed=2, repetitions=12)
    compared = compare_runs(first, second, 0.05)
    assert {row.comparison.word for row in compared.rows} == {"slower"}
    assert all(row.comparison.low < 1.25 < row.comparison.high * 1.02 for row in compared.rows)
    assert compared.contrasts["search"].word == "no difference"  # slower, not steeper


def test_an_invalid_run_is_compared_with_nothing(tmp_path):
    first = scaled(tmp_path / "a", contended)
    second = scaled(tmp_path / "b", contended, cpu=lambda _: 0.9)
    with pytest.raises(ComparisonError, match="is not valid, so that nothing can be compared"):
        compare_runs(first, second, 0.05)


@pytest.mark.parametrize(("ratio", "word"), [(1.0, "no difference"), (1.08, "slower"), (0.8, "faster")])
def test_load_runs_are_compared_second_by_second(tmp_path, ratio, word):
    first, second = loaded(tmp_path / "a", 1.0, seed=1), loaded(tmp_path / "b", ratio, seed=2)
    compared = compare_runs(first, second, 0.05)
    (row,) = compared.rows
    assert (row.at, row.first, row.comparison.word) == ("poll", 60, word)
    assert row.comparison.low * 0.99 < ratio < row.comparison.high * 1.01


def test_loads_of_two_profiles_are_not_compared(tmp_path):
    first = loaded(tmp_path / "a", 1.0, seed=1)
    second = loaded(tmp_path / "b", 1.0, seed=1, plan=replace(PROFILE_PLAN, profile="P03", scale=10.0))
    with pytest.raises(ComparisonError, match=r"profile P02 and P03; scale 1\.0 and 10\.0"):
        compare_runs(first, second, 0.05)
    with pytest.raises(ComparisonError, match="compare two of the same kind"):
        compare_runs(first, scaled(tmp_path / "c", contended), 0.05)
