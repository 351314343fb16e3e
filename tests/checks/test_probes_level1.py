"""The hardest judgements of level 1, on tiny servers: what is wrong is seen, what is right is not."""

import pytest
from tiny_callers import REFUSED, client, truth
from tiny_vendor import Tiny, judged, living, usual, wired

from lab.checks.security.confusable import confusable


@pytest.mark.parametrize(
    ("networks", "first"),
    [
        (("127.0.0.1/32",), "127.0.0.10"),
        (("127.0.0.2/32", "127.0.0.20/32"), "127.0.0.21"),
        (("127.0.1.0/24",), "127.0.10.5"),
    ],
)
def test_an_address_outside_begins_like_one_inside(networks, first):
    found = confusable(networks)
    assert found[0] == first
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("networks", [("127.0.0.0/8",), ("0.0.0.0/0",), ("10.31.0.0/16",), ("::1/128",), ()])
def test_where_no_loopback_address_looks_like_one_inside_none_is_found(networks):
    assert confusable(networks) == ()


def test_what_means_something_else_is_spared():
    assert "127.0.0.10" not in confusable(("127.0.0.1/32",), frozenset({"127.0.0.10"}))


def by_text(path, _, peer):
    return (200, {}, usual(path)) if peer.startswith("127.0.0.1") else REFUSED


def by_address(path, _, peer):
    return (200, {}, usual(path)) if peer == "127.0.0.1" else REFUSED


@pytest.mark.parametrize(("fhir", "outcome"), [(by_text, "fail"), (by_address, "pass")])
def test_an_address_compared_as_a_text_is_seen(fhir, outcome, tmp_path):
    with living(Tiny(fhir)) as tiny, wired(tmp_path) as wire:
        known = truth(tiny, networks=("127.0.0.1/32",))
        assert judged("L1-06", fhir=client(tiny, wire), truth=known)[0] == outcome


def test_networks_that_are_not_declared_are_not_guessed(tmp_path):
    with living(Tiny(by_address)) as tiny, wired(tmp_path) as wire:
        assert judged("L1-06", fhir=client(tiny, wire), truth=truth(tiny))[0] == "skip"
        everything = truth(tiny, networks=("127.0.0.0/8",))
        assert judged("L1-06", fhir=client(tiny, wire), truth=everything)[0] == "omit"


def exposing(*paths):
    def fhir(path, headers, peer):
        return (200, {}, usual(path)) if path in paths else by_address(path, headers, peer)

    return fhir


@pytest.mark.parametrize(
    ("paths", "exposure", "outcome"),
    [
        ((), {}, "pass"),
        (("/health",), {}, "fail"),
        (("/health",), {"/health": 200}, "pass"),
        (("/fhir/metadata",), {}, "fail"),
        (("/fhir/metadata",), {"/fhir/metadata": 200}, "pass"),
        ((), {"/status": 200}, "fail"),
    ],
)
def test_each_path_answers_a_refused_address_as_declared(paths, exposure, outcome, tmp_path):
    with living(Tiny(exposing(*paths))) as tiny, wired(tmp_path) as wire:
        stranger = client(tiny, wire, "127.0.0.2")
        known = truth(tiny, exposure=exposure)
        end = judged("L1-12", fhir=client(tiny, wire), stranger=stranger, truth=known)
        assert end[0] == outcome, end


def believing(hop):
    """Return a server behind the proxy 127.0.0.9 that believes one hop of the chain."""

    def fhir(path, headers, peer):
        said = [one.strip() for one in headers.get("x-forwarded-for", "").split(",")]
        return by_address(path, headers, said[hop] if peer == "127.0.0.9" else peer)

    return fhir


@pytest.mark.parametrize(("hop", "outcome"), [(0, "fail"), (-1, "pass")])
def test_the_last_hop_decides(hop, outcome, tmp_path):
    with living(Tiny(believing(hop))) as tiny, wired(tmp_path) as wire:
        stranger = client(tiny, wire, "127.0.0.2")
        known = truth(tiny, trusted_proxy="127.0.0.9")
        end = judged("L1-04", fhir=client(tiny, wire), stranger=stranger, truth=known)
        assert end[0] == outcome, end


def test_a_proxy_that_may_not_call_shows_nothing(tmp_path):
    with living(Tiny(by_address)) as tiny, wired(tmp_path) as wire:
        stranger, own = client(tiny, wire, "127.0.0.2"), client(tiny, wire)
        declared = truth(tiny, trusted_proxy="127.0.0.9")
        assert judged("L1-04", fhir=own, stranger=stranger, truth=declared)[0] == "skip"
        assert judged("L1-04", fhir=own, stranger=stranger, truth=truth(tiny))[0] == "omit"


def test_whoever_stands_behind_must_not_answer_anybody(tmp_path):
    hidden = Tiny(lambda *_: (401, {}, {}))
    with living(Tiny(by_address)) as tiny, living(hidden) as behind, wired(tmp_path) as wire:
        parts = {"fhir": client(tiny, wire), "anonymous": client(tiny, wire, token="")}
        open_ = truth(tiny, upstream_url=f"{behind.base}/fhir")
        shut = truth(tiny, upstream_url="http://127.0.0.3:9/fhir")
        unknown = truth(tiny, upstream_url="http://lab-no-such-host.invalid/fhir")
        ends = [judged("L1-13", **parts, truth=one)[0] for one in (open_, shut, unknown, truth(tiny))]
    assert ends == ["fail", "pass", "skip", "omit"]
