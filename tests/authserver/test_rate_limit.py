"""How much a caller may send: the burst, the rate after it, and one allowance for all processes."""

import struct
import subprocess
import sys

import pytest

from lab.authserver.rate_limit import Rate, RateLimits

TAKER = """
import sys
from pathlib import Path
from lab.authserver.rate_limit import Rate, RateLimits
limits = RateLimits(Path(sys.argv[1]), lambda: 100.0)
print(sum(limits.wait("app", Rate(1, 40)) == 0 for _ in range(30)))
"""


def test_a_burst_then_the_rate():
    now = [50.0]
    limits, rate = RateLimits(clock=lambda: now[0]), Rate(2, 3)
    assert [limits.wait("app", rate) for _ in range(3)] == [0, 0, 0]
    assert limits.wait("app", rate) == pytest.approx(0.5)
    now[0] += 0.49
    assert limits.wait("app", rate) == pytest.approx(0.01)
    now[0] += 0.02
    assert limits.wait("app", rate) == 0
    now[0] += 60
    assert [limits.wait("app", rate) == 0 for _ in range(4)] == [True, True, True, False]


def test_what_is_refused_costs_nothing():
    now = [50.0]
    limits, rate = RateLimits(clock=lambda: now[0]), Rate(1, 1)
    assert limits.wait("app", rate) == 0
    for _ in range(100):
        assert limits.wait("app", rate) > 0
    now[0] += 1
    assert limits.wait("app", rate) == 0


def test_one_caller_does_not_take_from_another():
    limits, rate = RateLimits(clock=lambda: 1.0), Rate(1, 1)
    assert limits.wait("app", rate) == 0
    assert limits.wait("app", rate) > 0
    assert limits.wait("other", rate) == 0


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1)])
def test_a_rate_lets_something_through(per_second, burst):
    with pytest.raises(ValueError, match="A rate needs"):
        Rate(per_second, burst)


def test_processes_share_one_allowance(tmp_path):
    RateLimits(tmp_path / "rates").close()
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKER, str(tmp_path / "rates")], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    taken = [int(taker.communicate(timeout=30)[0]) for taker in takers]
    assert sum(taken) == 40
    assert max(taken) == 30


def test_a_file_of_another_boot_locks_nobody_out(tmp_path):
    now = [1e6]
    limits = RateLimits(tmp_path / "rates", lambda: now[0])
    assert limits.wait("app", Rate(1, 1)) == 0
    assert struct.pack("d", 1e6 + 1) in (tmp_path / "rates").read_bytes()
    now[0] = 5.0
    assert limits.wait("app", Rate(1, 1)) == 0
    assert limits.wait("app", Rate(1, 1)) > 0
