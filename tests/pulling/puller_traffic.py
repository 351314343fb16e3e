"""Traffic of made-up pullers, without a socket: commits, requests, pairs."""

import json

from lab.model.exchange import Exchange
from lab.pulling.asked import Asked, Given
from lab.pulling.pairing import Pair
from lab.pulling.plan import MARK
from lab.pulling.recording import Commit

BASE = "http://127.0.0.1:1/fhir"
DAY = "2026-01-01T00:"


def instant(t):
    """Return a time of the journal as the hospital writes it."""
    return f"{DAY}{int(t // 60):02d}:{t % 60:06.3f}Z"


def commit(number, t, *, hidden=False, version=1, reference=""):
    """Return an event that happened at ``t``."""
    place = reference or f"Encounter/event-{number:06d}"
    return Commit(number, place, hidden, t, t, t, 201 if version else 500, version, instant(t))


def given(one):
    """Return an event as it is delivered."""
    return Given(one.reference, str(one.version), one.updated, one.number)


def asked(t, *, took=0.01, status=200, events=(), fault="", since="", **more):
    """Return a poll of encounters at ``t``."""
    facts = {
        "id": f"G-{t}",
        "t": t,
        "end": t + took,
        "status": status,
        "fault": fault,
        "kind": "search",
        "type": "Encounter",
        "parameters": (("_lastUpdated", since or "ge2026-01-01"),),
        "given": tuple(given(one) for one in events),
        "size": 100,
        "conditional": False,
        "retry_after_s": 0.0,
        "next": "",
        "url": f"{BASE}/Encounter",
        "followed": False,
    }
    return Asked(**{**facts, **more})


def polled(commits, period, ends, *, first=0.2, capacity=None):
    """Return the pairs of a poller of that period, which takes ``capacity`` events each time at most."""
    waiting, pairs, t = list(commits), [], first
    while t < ends:
        ready = [one for one in waiting if one.t <= t][:capacity]
        pairs += [Pair(one, t) for one in ready]
        waiting = [one for one in waiting if one not in ready]
        t += period
    return [*pairs, *(Pair(one, None) for one in waiting)]


def encounter(number, updated="2026-01-01T00:00:01.000Z", version="1"):
    """Return an encounter that bears the mark of an event."""
    return {
        "resourceType": "Encounter",
        "id": f"event-{number:06d}",
        "meta": {"versionId": version, "lastUpdated": updated},
        "identifier": [{"system": MARK, "value": f"event-{number:06d}-{number}"}],
    }


def bundle(*resources, next_=""):
    """Return a page of a search, as text."""
    links = [{"relation": "next", "url": next_}] if next_ else []
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def exchange(t, path, body="", *, client="app", method="GET", status=200, **more):
    """Return a line of the journal."""
    url = path if path.startswith("http") else f"{BASE}{path}"
    facts = {"latency_ms": 10.0, "actor": "application", **more}
    return Exchange(
        id=f"G-{t}", t=t, client=client, method=method, url=url, status=status, response_body=body, **facts
    )
