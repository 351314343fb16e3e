"""Keys in files and at addresses: rotation, caching, failures, and what an application may not publish."""

import asyncio
import json
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from assertion_bench import assertion, registration, registry
from key_publisher import NEW, OLD, key_set, over_tls
from token_bench import serving

from lab.authserver.key_address import LONGEST_S, PAUSE_S, KeyAddress, lifetime
from lab.authserver.key_file import KeyFile
from lab.authserver.key_ring import KeyRing
from lab.authserver.registry import LABORATORY_KIDS


class Asker:
    """One address with a clock of the test's."""

    def __init__(self, url):
        self.now = 1000.0
        self.address = KeyAddress(url, clock=lambda: self.now)

    def kids(self, kid="old"):
        """Return the kids that are found when this one is looked for."""
        return {key.get("kid") for key in asyncio.run(self.address.keys(kid))["keys"]}


def test_a_set_is_fetched_once_and_again_when_it_is_too_old(publisher):
    asker = Asker(publisher.url)
    for _ in range(5):
        assert asker.kids() == {"old"}
    assert publisher.asked == 1
    asker.now += LONGEST_S - 1
    assert asker.kids() == {"old"}
    asker.now += 2
    publisher.body = key_set(new=NEW)
    assert asker.kids() == {"new"}
    assert publisher.asked == 2


def test_a_set_is_kept_no_longer_than_its_server_says(publisher):
    publisher.headers = {"Cache-Control": "public, max-age=60"}
    asker = Asker(publisher.url)
    asker.kids()
    publisher.body = key_set(new=NEW)
    asker.now += 59
    assert asker.kids() == {"old"}
    asker.now += 2
    assert asker.kids() == {"new"}


@pytest.mark.parametrize("control", ["no-store", "max-age=0", "no-cache, max-age=300"])
def test_a_set_that_may_not_be_kept_is_fetched_for_each_assertion(publisher, control):
    publisher.headers = {"Cache-Control": control}
    asker = Asker(publisher.url)
    assert [asker.kids(), asker.kids()] == [{"old"}, {"old"}]
    assert publisher.asked == 2


def test_a_new_key_works_at_once_and_invented_kids_make_no_traffic(publisher):
    asker = Asker(publisher.url)
    asker.kids()
    asker.now += PAUSE_S + 1
    publisher.body = key_set(old=OLD, new=NEW)
    assert asker.kids("new") == {"old", "new"}
    for n in range(50):
        asker.kids(f"invented-{n}")
    assert publisher.asked == 2
    asker.now += PAUSE_S + 1
    asker.kids("invented")
    assert publisher.asked == 3


FAILURES = {
    "an error": {"status": 500},
    "not found": {"status": 404},
    "a redirect": {"status": 302, "headers": {"Location": "/jwks.json"}},
    "compressed": {"headers": {"Content-Encoding": "gzip"}},
    "too large": {"body": b'{"keys":[' + b" " * 300_000 + b"]}"},
    "a header without end": {"headers": {"Content-Length": "500000"}},
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_cannot_be_fetched_holds_no_key_and_is_not_tried_at_once(publisher, case):
    for name, value in FAILURES[case].items():
        setattr(publisher, name, value)
    asker = Asker(publisher.url)
    assert asker.kids() == set()
    assert asker.kids() == set()
    assert publisher.asked == 1
    publisher.body, publisher.status, publisher.headers = key_set(old=OLD), 200, {}
    asker.now += PAUSE_S + 1
    assert asker.kids() == {"old"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"keys":5}', b"\xff", b"[" * 100_000])
def test_what_is_no_key_set_holds_no_key(publisher, body):
    publisher.body = body
    assert Asker(publisher.url).kids() == set()


def test_a_stale_set_is_never_used(publisher):
    asker = Asker(publisher.url)
    assert asker.kids() == {"old"}
    publisher.status = 500
    asker.now += PAUSE_S + 1
    assert asker.kids("unknown") == {"old"}  # still as fresh as its server allowed
    asker.now += LONGEST_S
    assert asker.kids() == set()


def test_a_slow_server_is_given_up(publisher):
    publisher.slow.clear()
    begun = time.monotonic()
    assert Asker(publisher.url).kids() == set()
    assert time.monotonic() - begun < 5


def test_who_waits_for_a_fetch_does_not_fetch_again(publisher):
    publisher.headers = {"Cache-Control": "no-store"}

    async def together():
        address = KeyAddress(publisher.url)
        return await asyncio.gather(*(address.keys("old") for _ in range(20)))

    assert all(found["keys"] for found in asyncio.run(together()))
    assert publisher.asked == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/jwks",
        "http://localhost.example/jwks",
        "http://127.0.0.1.example/jwks",
        "file:///etc/passwd",
        "ftp://127.0.0.1/jwks",
        "https://user@example.org/jwks",
        "https://",
        "/jwks",
        "",
    ],
)
def test_an_address_that_others_could_answer_for_is_refused(url):
    with pytest.raises(ValueError, match="JWKS address"):
        KeyAddress(url)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, LONGEST_S),
        ({"cache-control": "max-age=100000"}, LONGEST_S),
        ({"cache-control": "max-age=30"}, 30),
        ({"cache-control": "max-age=30", "age": "10"}, 20),
        ({"cache-control": "max-age=30", "age": "50"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"cache-control": "s-maxage=900, Max-Age=5"}, 5),
        ({"cache-control": "private, no-store"}, 0),
    ],
)
def test_how_long_a_set_may_be_kept(headers, seconds):
    assert lifetime(headers) == seconds


def test_a_file_is_read_again_when_it_changes(tmp_path):
    path = tmp_path / "jwks.json"
    file = KeyFile(path)
    assert file.keys() == {"keys": []}
    path.write_text(json.dumps(key_set(old=OLD)))
    assert [key["kid"] for key in file.keys()["keys"]] == ["old"]
    path.write_text(json.dumps(key_set(new=NEW)))
    assert [key["kid"] for key in file.keys()["keys"]] == ["new"]
    path.write_text("{")
    assert file.keys() == {"keys": []}
    path.write_text(json.dumps(key_set(old=OLD)))
    path.unlink()
    assert file.keys() == {"keys": []}


@pytest.mark.parametrize("kid", sorted(LABORATORY_KIDS))
def test_an_application_cannot_publish_the_laboratorys_keys(kid, tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(key_set(old=OLD, **{kid: NEW})))
    ring = KeyRing([registration(jwks_file=str(path))])
    assert asyncio.run(ring.published("app", "old"))["keys"]
    assert asyncio.run(ring.published("app", kid))["keys"] == []
    assert asyncio.run(ring.published("other", "old"))["keys"] == []


@contextmanager
def rotating(tmp_path, **source):
    known = registry(registration("rotating", {"keys": []}, **source))
    with serving(tmp_path, known, keys=KeyRing(known.registrations)) as bench:

        def ask(kid, key, **headers):
            url = bench.server.token_url
            said = assertion({"kid": kid, **headers}, key, aud=url, iss="rotating", sub="rotating")
            return bench.ask(client_assertion=said).status_code

        yield bench, ask


def test_rotation_by_file_needs_no_restart(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(key_set(old=OLD)))
    with rotating(tmp_path, jwks_file=str(path)) as (_, ask):
        assert (ask("old", OLD), ask("new", NEW)) == (200, 401)
        path.write_text(json.dumps(key_set(old=OLD, new=NEW)))
        assert (ask("old", OLD), ask("new", NEW), ask("new", OLD)) == (200, 200, 401)
        path.write_text(json.dumps(key_set(new=NEW)))
        assert (ask("old", OLD), ask("new", NEW)) == (401, 200)


def test_rotation_by_address_needs_no_restart(tmp_path, publisher):
    publisher.headers = {"Cache-Control": "no-store"}
    with rotating(tmp_path, jwks_url=publisher.url) as (_, ask):
        assert (ask("old", OLD), ask("new", NEW)) == (200, 401)
        publisher.body = key_set(new=NEW)
        assert (ask("old", OLD), ask("new", NEW)) == (401, 200)


@pytest.mark.parametrize("publisher", [over_tls], indirect=True)
def test_an_https_address_is_believed_by_its_certificate_alone(tmp_path, publisher):
    trusted = ssl.create_default_context(cafile=tmp_path / "authority.pem")
    found = asyncio.run(KeyAddress(publisher.url, trusted).keys("old"))
    assert [key["kid"] for key in found["keys"]] == ["old"]
    assert asyncio.run(KeyAddress(publisher.url).keys("old"))["keys"] == []
    other_name = publisher.url.replace("127.0.0.1", "127.0.0.2")
    assert asyncio.run(KeyAddress(other_name, trusted).keys("old"))["keys"] == []
    assert publisher.asked == 1


def test_a_jku_is_the_registered_address_or_nothing(tmp_path, publisher):
    with rotating(tmp_path, jwks_url=publisher.url) as (bench, ask):
        assert ask("old", OLD, jku=publisher.url) == 200
        asked = publisher.asked
        others = (
            f"{publisher.url}?",
            publisher.url.upper(),
            "http://127.0.0.1:9/jwks",
            "",
            None,
            [publisher.url],
        )
        assert [ask("old", OLD, jku=other) for other in others] == [401] * len(others)
        assert publisher.asked == asked
        own = assertion(
            {"jku": publisher.url}, aud=bench.server.token_url
        )  # of an application without address
        assert bench.ask(client_assertion=own).status_code == 401


def test_a_slow_address_of_one_application_keeps_no_other_waiting(tmp_path, publisher):
    publisher.slow.clear()
    with rotating(tmp_path, jwks_url=publisher.url) as (bench, ask):
        waiting = threading.Thread(target=ask, args=("old", OLD))
        waiting.start()
        deadline = time.monotonic() + 5
        while not publisher.asked and time.monotonic() < deadline:
            threading.Event().wait(0.005)
        assert bench.ask().status_code == 200
        assert waiting.is_alive()  # the other one is still waiting
        publisher.slow.set()
        waiting.join()
