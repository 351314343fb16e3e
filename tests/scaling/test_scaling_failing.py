"""What goes wrong while growth is measured: a server that dies, a defect of ours, data that is shared."""

from dataclasses import replace

import pytest
from measuring import BUSY_MACHINE, targets
from zoo import laws
from zoo.server import zoo

from lab.load.error import LoadError
from lab.scaling.cell import CELLS_FILE
from lab.scaling.judge import recheck
from lab.scaling.plan import ScalePlan
from lab.scaling.rounds import SilentError
from lab.scaling.runner import measure

LAWS = {"constant": laws.constant}
PLAN = ScalePlan(
    sizes=(20, 40, 80),
    concurrencies=(1,),
    routes=("constant",),
    repetitions=3,
    cell_s=0.05,
    limits=BUSY_MACHINE,
)


def test_a_server_that_dies_is_named_and_what_was_measured_is_kept(tmp_path):
    rounds = []

    def dying():
        rounds.append(targets(servers))
        if len(rounds) > 2:
            rounds[-1][40] = replace(rounds[-1][40], base_url="http://127.0.0.1:9/fhir")
        return rounds[-1]

    with zoo(LAWS, PLAN.sizes) as servers, pytest.raises(SilentError) as dead:
        measure(PLAN, dying, tmp_path)
    assert (dead.value.size, dead.value.reason) == (40, "connection refused")
    kept = recheck(tmp_path)
    assert kept.repetitions == 2
    assert kept.meets is None


def test_a_defect_of_the_generator_is_never_a_verdict(tmp_path):
    with (
        zoo(LAWS, PLAN.sizes) as servers,
        pytest.raises(LoadError, match="ended with exit code 1: IndexError"),
    ):
        measure(replace(PLAN, routes=("unheard",)), lambda: targets(servers), tmp_path)
    assert (tmp_path / CELLS_FILE).exists()


def test_what_shares_its_data_is_not_even_measured(tmp_path):
    def unasked():
        raise AssertionError

    result = measure(replace(PLAN, held=(80, 80, 80)), unasked, tmp_path)
    assert (result.valid, result.meets) == (False, None)
    assert recheck(tmp_path) == result


def test_progress_is_told_cell_by_cell(tmp_path):
    told = []
    with zoo(LAWS, PLAN.sizes) as servers:
        measure(PLAN, lambda: targets(servers), tmp_path, lambda done, of: told.append((done, of)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]
