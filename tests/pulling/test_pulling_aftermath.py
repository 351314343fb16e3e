"""What came of a fault: recovery, loss, loops, lockstep, impatience; each is told from its contrary."""

import pytest
from puller_traffic import asked, commit

from lab.pulling.aftermath import Scene, aftermath, shadows
from lab.pulling.pairing import Pair
from lab.pulling.plan import FaultWindow

WINDOW = FaultWindow("unavailable", 10.0, 14.0)


def pairs(deliver):
    """Return one event a second from 0 to 30, delivered when the function says."""
    return [Pair(commit(n, float(n)), deliver(float(n))) for n in range(30)]


def calm(t):
    return t + 0.3


def held(until):
    """Return the deliveries of a client that waits for the end of the fault, and then reads all at once."""
    return lambda t: until if 9.5 < t < until else calm(t)


def scene(found, requests=()):
    return Scene(found, requests, 0.0, 40.0, 1.0)


def outage(*instants, **more):
    return [asked(t, status=503, fault="unavailable", **more) for t in instants]


def test_recovery_counts_from_the_end_of_the_fault():
    assert aftermath(WINDOW, scene(pairs(held(16.0)))).recovery_s == pytest.approx(2.0)
    assert aftermath(WINDOW, scene(pairs(held(25.0)))).recovery_s == pytest.approx(11.0)


def test_who_never_reads_again_never_recovers_and_loses():
    gone = aftermath(WINDOW, scene(pairs(lambda t: calm(t) if t < 9 else None)))
    assert gone.recovery_s is None
    assert gone.lost == 5


def test_loss_is_apart_from_recovery():
    came = aftermath(WINDOW, scene(pairs(lambda t: None if 10 <= t < 14 else calm(t))))
    assert (came.lost, came.at_risk) == (4, 6)
    assert came.recovery_s is not None
    assert aftermath(WINDOW, scene(pairs(held(16.0)))).lost == 0


def test_a_loop_is_told_from_a_few_tries():
    loop = outage(*(10 + n / 20 for n in range(80)))
    assert aftermath(WINDOW, scene(pairs(calm), loop)).hot
    assert not aftermath(WINDOW, scene(pairs(calm), outage(10.1, 10.6, 11.6, 13.6))).hot


def test_lockstep_is_told_from_growing_waits():
    assert aftermath(WINDOW, scene(pairs(calm), outage(10.0, 10.5, 11.0, 11.5, 12.0))).lockstep
    assert not aftermath(WINDOW, scene(pairs(calm), outage(10.0, 10.2, 10.6, 11.4, 13.0))).lockstep


def test_who_comes_back_before_the_end_of_a_wait_is_counted():
    told = [asked(10.0, status=429, fault="throttled", retry_after_s=2.0)]
    assert aftermath(WINDOW, scene(pairs(calm), [*told, asked(10.5), asked(11.0)])).early == 2
    assert aftermath(WINDOW, scene(pairs(calm), [*told, asked(12.1)])).early == 0


def test_what_is_not_calm_lasts_until_recovery_or_to_the_end():
    found = scene(pairs(held(16.0)))
    assert shadows((aftermath(WINDOW, found),), found) == ((8.0, 16.0),)
    gone = scene(pairs(lambda t: calm(t) if t < 9 else None))
    assert shadows((aftermath(WINDOW, gone),), gone) == ((8.0, 40.0),)
