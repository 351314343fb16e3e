"""What leaks memory or gets slower under a steady load is seen in both; what does neither is not."""

import subprocess
import sys
from pathlib import Path

import pytest
from test_load_zoo import ORDINARY, evenly, plan

from lab.load.judge import recheck
from lab.load.runner import run
from lab.load.usage import USAGE_FILE, Meter

pytestmark = pytest.mark.slow
SERVER = Path(__file__).with_name("ageing_server.py")
RUN_S, A_SECOND = 24.0, 20
THRESHOLDS = ("memory: growth < 50%", "latency: growth < 100%")


def soaked(folder, kept, slower_s):
    """Load an ageing server; return what its thresholds say, by what they are about."""
    words = [sys.executable, str(SERVER), str(kept), str(slower_s)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            made = plan(
                f"http://127.0.0.1:{int(server.stdout.readline())}",
                evenly(int(RUN_S * A_SECOND), RUN_S, ORDINARY),
                RUN_S,
                THRESHOLDS,
            )
            meter = Meter({"application": server.pid}, folder / USAGE_FILE)
            result = run(made, folder, on_progress=lambda share: meter.measure(share * RUN_S))
        finally:
            server.kill()
    assert recheck(folder) == result
    return {one.expression.partition(":")[0]: one for one in result.thresholds}


def test_one_that_ages_is_seen(tmp_path):
    ages = soaked(tmp_path, kept=400_000, slower_s=0.02)  # 190 MB and half a second more at the end
    assert ages["memory"].value > 100
    assert ages["latency"].value > 100
    assert not ages["memory"].met
    assert not ages["latency"].met


def test_one_that_stays_as_it_is_meets_both(tmp_path):
    stays = soaked(tmp_path, kept=0, slower_s=0.0)
    assert stays["memory"].met, stays
    assert stays["latency"].met, stays
