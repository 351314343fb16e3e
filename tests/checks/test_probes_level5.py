"""Masks, secondary use and non-interference: the sound vendor passes, a variant is noticed by its probe.

That no other probe accuses a variant is the business of ``lab selftest --security``.
"""

from pathlib import Path

import pytest
from probes_bench import probes
from vendor_bench import Bench

from lab.checking.declare import card_of
from lab.model.words import Severity
from lab.selftest.mutant import find_mutants
from lab.validation import defects

_FIRST = ("L5-", "S-", "P-02")
OURS = tuple(id_ for id_ in probes() if id_.startswith(_FIRST) and not id_.endswith("-C"))
FILES = {"level5", "level5_oracles", "secondary", "noninterference"}
VARIANTS = [m for m in find_mutants(Path(__file__).parents[1] / "mutants") if m.path.stem in FILES]
NOTICED = {"fail", "warning"}


def outcome(id_, variant="", **changed):
    """Return how a probe ends on a variant."""
    return Bench(variant, **changed).run(probes()[id_]).outcome


@pytest.mark.parametrize("id_", OURS)
@pytest.mark.parametrize("seed", [7, 2023])
def test_the_sound_vendor_passes(id_, seed):
    end = Bench(seed=seed).run(probes()[id_])
    assert end.outcome == "pass", end.why


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_is_noticed_by_its_probe(variant):
    assert outcome(variant.killed_by, variant.name, seed=2023) in NOTICED


@pytest.mark.parametrize("id_", OURS)
def test_every_probe_has_a_variant(id_):
    assert [variant.name for variant in VARIANTS if variant.killed_by == id_]


@pytest.mark.parametrize("id_", OURS)
def test_nothing_planted_is_never_a_pass_on_nothing(id_):
    """Without planted patients a probe works on what it finds, or says that it could not."""
    bench = Bench()
    bench.truth = type(bench.truth)(bench.truth.subject, 7, bench.truth.groups, {})
    for vendor in bench.wire.vendors.values():
        vendor.store.held = {}
    assert bench.run(probes()[id_]).outcome in {"skip", "omit"}


@pytest.mark.parametrize("id_", sorted(set(OURS) - {"P-02"}))
def test_a_probe_is_bounded_and_leaves_the_data_as_it_was(id_):
    bench = Bench()
    vendor = bench.wire.vendors[40001]

    def held():
        return {
            key: {name: value for name, value in versions[-1].body.items() if name != "meta"}
            for key, versions in vendor.store.held.items()
            if versions[-1].body is not None
        }

    before = held()
    bench.run(probes()[id_])
    assert held() == before
    assert len(bench.wire.sent) <= 75


@pytest.mark.parametrize("id_", ["L5-05", "L5-08", "L5-20", "S-02", "P-02"])
def test_the_same_seed_sends_the_same_requests(id_):
    sent = []
    for _ in range(2):
        bench = Bench(seed=11)
        bench.run(probes()[id_])
        asked = [(r.method, r.url, r.body) for r in bench.wire.sent if not r.url.endswith("/token")]
        # The token of a page link is drawn by the application.
        sent.append([one for one in asked if "_page=" not in one[1]])
    assert sent[0] == sent[1]


@pytest.mark.parametrize("variant", ["masked_is_sorted", "end_of_chain"])
def test_more_random_requests_find_what_few_may_miss(variant):
    assert outcome("P-02", variant, seed=2023, requests=2000) == "fail"


def test_a_server_that_breaks_down_alike_in_both_worlds_does_not_hide():
    bench = Bench()
    for vendor in bench.wire.vendors.values():
        vendor.resources.read = None
    end = bench.run(probes()["P-02"])
    assert end.outcome == "fail"
    assert "HTTP 500" in end.why


def test_a_difference_that_does_not_last_is_no_leak():
    bench = Bench()
    count = iter(range(100_000))
    for vendor in bench.wire.vendors.values():
        sound = vendor.searches.answer
        vendor.searches.answer = lambda *given, sound=sound: sound(*given).with_headers(
            ("X-N", str(next(count)))
        )
    end = bench.run(probes()["P-02"])
    assert end.outcome == "warning"
    assert "vary by themselves" in end.why


def test_severity_of_secondary_use():
    severities = {id_: card_of(probes()[id_]).severity for id_ in OURS if id_.startswith("S-")}
    assert severities == {
        "S-01": Severity.CRITICAL,
        "S-02": Severity.CRITICAL,
        "S-03": Severity.HIGH,
        "S-04": Severity.CRITICAL,
        "S-05": Severity.HIGH,
    }


def test_what_is_planted_is_valid():
    for vendor in Bench().wire.vendors.values():
        for versions in vendor.store.held.values():
            assert not defects(versions[-1].body)
