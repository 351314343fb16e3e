"""The sound vendor reads a request in one way or not at all: hostile bytes, proxies and bodies."""

import asyncio
import json

import pytest
from vendor_in_process import ask, built, observation, read


@pytest.fixture
def app():
    return built()


def exchange(app, raw, source="127.0.0.1"):
    """Send bytes over a connection and return all that comes back."""

    async def talk():
        server = await asyncio.start_server(app.http.serve, "127.0.0.1", app.port, limit=33_000)
        async with server:
            reader, writer = await asyncio.open_connection("127.0.0.1", app.port, local_addr=(source, 0))
            writer.write(raw)
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return answer

    return asyncio.run(talk())


def head(app, *lines, target="GET /fhir/metadata"):
    host = f"Host: 127.0.0.1:{app.port}"
    return "\r\n".join([f"{target} HTTP/1.1", host, *lines, "", ""]).encode()


def test_a_head_of_bare_line_feeds_is_refused_at_once(app):
    assert exchange(app, head(app).replace(b"\r\n", b"\n")).startswith(b"HTTP/1.1 400")


def test_a_length_that_no_machine_has_is_refused(app):
    assert exchange(app, head(app, f"Content-Length: {'9' * 5000}")).startswith(b"HTTP/1.1 400")


def test_a_refusal_arrives_though_the_body_is_still_being_sent(app):
    length = 6_000_000
    raw = head(app, f"Content-Length: {length}", target="POST /fhir/Patient") + b"x" * length
    assert exchange(app, raw).startswith(b"HTTP/1.1 413")


def test_a_refused_address_learns_nothing_by_malformed_requests(app):
    bad = [
        b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + head(app),
        head(app, "X: y\r\n folded"),
        b"GET /fhir HTTP/1.1\r\n\r\n",
    ]
    refusals = {exchange(app, raw, "127.0.0.2") for raw in bad}
    assert len(refusals) == 1
    assert refusals.pop().startswith(b"HTTP/1.1 403")
    assert {exchange(app, raw)[:12] for raw in bad} == {b"HTTP/1.1 400"}


@pytest.mark.parametrize(
    ("chains", "status"),
    [
        (["127.0.0.1"], 200),
        (["192.0.2.1, 127.0.0.1"], 200),
        (["127.0.0.1, 192.0.2.1"], 403),
        (["junk, 127.0.0.1"], 403),
        (["127.0.0.1:80"], 403),
        (["127.0.0.1%eth0"], 403),
        (["127.0.0.1", "127.0.0.1"], 403),
        ([], 403),
    ],
)
def test_a_trusted_proxy_is_believed_on_the_last_hop_of_one_good_chain(app, chains, status):
    forwarded = tuple(("x-forwarded-for", chain) for chain in chains)
    assert ask(app, "full", "GET", "Patient", headers=forwarded, peer="127.0.0.9").status == status
    assert ask(app, "full", "GET", "Patient", headers=forwarded, peer="127.0.0.10").status == 403


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType": "Observation", "status": "a", "status": "b"}',
        b'{"resourceType": "Observation", "x": NaN}',
        b'{"resourceType": "Observation", "x": 1e999}',
        b'{"resourceType": "Observation", "x": "\\ud800"}',
        b'{"resourceType": "Observation", "x": "\xff"}',
        b'\xef\xbb\xbf{"resourceType": "Observation"}',
        b'{"resourceType": "Observation", "x": ' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"resourceType": "Patient"}',
        json.dumps(observation(focus=[{"reference": "Patient?family=x"}])).encode(),
    ],
)
def test_a_body_that_is_not_plain_fhir_json_is_refused_and_not_stored(app, body):
    held = len(app.store.held)
    assert ask(app, "restricted", "POST", "Observation", body).status == 400
    assert len(app.store.held) == held


def test_brackets_in_strings_are_not_nesting(app):
    assert ask(app, "full", "POST", "Observation", observation(note=[{"text": '"\\[{' * 200}])).status == 201


@pytest.mark.parametrize("odd", [{"meta": "x"}, {"contained": [1]}, {"subject": "x"}, {"extension": {}}])
def test_elements_of_another_form_are_refused(app, odd):
    assert ask(app, "restricted", "POST", "Observation", observation(**odd)).status == 422
    patch = [{"op": "add", "path": f"/{name}", "value": value} for name, value in odd.items()]
    id_ = read(ask(app, "full", "POST", "Observation", observation()))["id"]
    assert ask(app, "full", "PATCH", f"Observation/{id_}", patch).status == 422
