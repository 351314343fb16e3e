"""Arrivals that are drawn while they are played: the same ones however they are read, in little memory."""

import tracemalloc
from collections import Counter
from itertools import islice

import pytest
from load_hospital import Hospital

from lab.load.arrival import TOKEN, Arrival
from lab.load.catalogue import profiles
from lab.load.drawn import Drawn
from lab.load.error import LoadError
from lab.load.people import Crowd, People
from lab.load.plan import LoadPlan, build, refuse_absurd
from lab.load.routes import BUNDLE
from lab.load.shape import FLAT, Shape
from lab.load.slices import slice_of

TARGET = Hospital(base_url="http://127.0.0.1:1").target()
BY_NAME = {profile.name: profile for profile in profiles().values()}
HOUR_S = 3_600.0


def drawn(count, shape=FLAT, duration_s=100.0, seed="1"):
    ways = (
        (Arrival("poll", "Patient", "full", BUNDLE), Arrival("poll", "Encounter", "full", BUNDLE)),
        (Arrival(TOKEN, "", "full", BUNDLE), Arrival(TOKEN, "", "narrow", BUNDLE)),
    )
    return Drawn(ways, (count - count // 3, count // 3), shape, duration_s, seed)


@pytest.mark.parametrize("window", [1, 7, 1_024, 5_000])
def test_read_in_windows_it_is_the_same_as_read_whole(window):
    one = drawn(10_000)
    whole = list(one.due())
    reading = one.due()
    windows = iter(lambda: list(islice(reading, window)), [])
    assert [due for part in windows for due in part] == whole
    assert len(whole) == len(one) == 10_000


@pytest.mark.parametrize("shape", [FLAT, Shape(((0, 0), (1, 1))), Shape(burst=40), Shape(burst=3_000)])
@pytest.mark.parametrize("workers", [2, 5])
def test_the_shares_of_generators_make_the_whole(shape, workers):
    one = drawn(7_001, shape).counted()
    shares = [list(one.share(worker, workers)) for worker in range(workers)]
    assert Counter(arrival for share in shares for arrival in share) == Counter(one)
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 3  # requests, and the tokens of two personas, each go round
    for worker, share in enumerate(shares):
        assert share == sorted(share, key=lambda arrival: arrival.at)
        asked = Counter(arrival.persona for arrival in share if arrival.route == TOKEN)
        assert one.tokens_of(worker, workers) == dict(asked)


@pytest.mark.parametrize("name", ["admissions-burst", "reconnect-storm", "soak", "hostile-mix"])
def test_what_falls_due_is_known_beforehand_second_by_second(name):
    made = build(BY_NAME[name], TARGET, duration_s=300.0, scale=4.0, seed=9)
    seconds = Counter(int(arrival.at) for arrival in made.arrivals)
    assert dict(enumerate(made.arrivals.seconds)) == {t: seconds[t] for t in range(max(seconds) + 1)}
    assert dict(made.arrivals.tokens) == Counter(one.persona for one in made.arrivals if one.route == TOKEN)
    assert sum(made.arrivals.seconds) == len(made.arrivals)


def test_an_hour_of_endurance_of_a_hundred_hospitals_is_a_small_plan():
    made = build(BY_NAME["soak"], TARGET, duration_s=HOUR_S, scale=100.0, seed=1, workers=8)
    assert len(made.arrivals) == 7_776_000 + 8 * 29  # each generator renews its token every two minutes
    assert len(made.to_json()) < 200_000
    again = LoadPlan.from_json(made.to_json())
    assert again == made
    third = slice_of(again, 3)
    assert list(islice(third.arrivals.due(), 2_000)) == list(islice(made.arrivals.share(3, 8).due(), 2_000))


def test_memory_does_not_grow_with_the_run():
    peaks = []
    for count in (20_000, 400_000):
        one = drawn(count)
        tracemalloc.start()
        assert sum(1 for _ in one.due()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 1_000_000


def test_people_are_drawn_one_opening_after_the_other():
    charts = (
        (Arrival("chart", "Patient/1", "full", BUNDLE),),
        (Arrival("chart", "Patient/2", "full", BUNDLE),),
    )
    whole = Crowd(People(count=5, think_s=1.0), charts, 60.0, "P05:1", 5)
    shares = [whole.share(worker, 2) for worker in range(2)]
    assert [len(share) for share in shares] == [3, 2]
    assert Counter(life for share in shares for life in share) == Counter(whole)
    assert [tuple(life) for life in whole.lives()] == list(whole)
    assert len({life[0].think_s for life in whole}) == 5  # everybody has chances of their own


def test_what_no_generator_sends_is_refused_with_what_would_do():
    ramp = BY_NAME["ramp-to-knee"]
    with pytest.raises(LoadError, match=r"40,000 requests/s at its peak, .* or for --workers 2\."):
        refuse_absurd(ramp, HOUR_S, 100.0)
    refuse_absurd(ramp, HOUR_S, 100.0, workers=2)
    with pytest.raises(LoadError, match="a run holds 200,000,000 at most"):
        refuse_absurd(ramp, 24 * HOUR_S, 100.0, workers=2)


@pytest.mark.parametrize("name", BY_NAME)
def test_an_hour_of_every_profile_at_a_hundred_hospitals_can_be_asked(name):
    refuse_absurd(BY_NAME[name], HOUR_S, 100.0, workers=8)
    with pytest.raises(LoadError):
        refuse_absurd(BY_NAME[name], HOUR_S, 1_000_000.0, workers=8)
