"""Who guesses is slowed down, in the name of each application apart; who does not is never kept out."""

import pytest
from assertion_bench import KEYS, assertion, registration, registry
from token_bench import serving

from lab.authserver.rate_limit import Rate, RateLimits
from lab.authserver.server import WRONG_RATE

FEW = Rate(0.001, 3)


@pytest.fixture
def slow(tmp_path):
    """A token server with two applications that have keys, and patience for three wrong assertions."""
    with serving(tmp_path, registry(registration("neighbour", KEYS)), wrong_rate=FEW) as running:
        yield running


def wrong(bench, client_id="app"):
    said = assertion(aud=f"{bench.server.url}/elsewhere", iss=client_id, sub=client_id)
    return bench.ask(client_assertion=said)


def right(bench, client_id="app"):
    said = assertion(aud=f"{bench.server.url}/token", iss=client_id, sub=client_id)
    return bench.ask(client_assertion=said)


def test_after_some_wrong_assertions_the_next_ones_must_wait(slow):
    assert [wrong(slow).status_code for _ in range(4)] == [401, 401, 401, 429]
    late = right(slow)
    assert (late.status_code, late.json()) == (429, {"error": "slow_down"})
    assert int(late.headers["retry-after"]) > 0


def test_another_application_of_the_same_address_is_not_kept_out(slow):
    assert [wrong(slow).status_code for _ in range(5)][-1] == 429
    assert right(slow, "neighbour").status_code == 200


def test_right_assertions_take_nothing(slow):
    assert [right(slow).status_code for _ in range(6)] == [200] * 6
    assert [wrong(slow).status_code for _ in range(3)] == [401] * 3


def test_what_names_nobody_is_slowed_down_too_and_hurts_nobody(slow):
    assert [slow.ask(client_assertion="x").status_code for _ in range(5)][-2:] == [429, 429]
    assert right(slow).status_code == 200


def test_a_hundred_guesses_do_not_pass_as_they_are_served():
    limits = RateLimits(clock=lambda: 1.0)
    assert sum(limits.wait("guesser", WRONG_RATE) == 0 for _ in range(100)) == WRONG_RATE.burst < 100


def test_looking_at_an_allowance_takes_nothing():
    limits = RateLimits(clock=lambda: 1.0)
    assert [limits.spent("app", FEW) for _ in range(9)] == [0.0] * 9
    assert [limits.wait("app", FEW) for _ in range(3)] == [0, 0, 0]
    assert limits.spent("app", FEW) > 0
