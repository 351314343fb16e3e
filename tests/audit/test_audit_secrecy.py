"""Nothing that is masked or secret is in the audit: a sweep over every byte, queries decoded."""

import json
import uuid
from urllib.parse import quote

import httpx
import pytest
from audit_hospital import CLIENTS, KEY, ask_token, assertion, entities, from_elsewhere, queries

_LEAST = 4
MARK = "Zzyzx"


def strings(node):
    """Return what people wrote in an element, without codes and addresses of systems."""
    if isinstance(node, str):
        return {node}
    if isinstance(node, list):
        return {s for item in node for s in strings(item)}
    if isinstance(node, dict):
        left_out = {"use", "system", "url", "type", "country", "extension", "period"}
        return {s for name, value in node.items() if name not in left_out for s in strings(value)}
    return set()


@pytest.fixture(scope="module")
def hidden(audited):
    """Every address, telecom and identifier of the patients, as the hospital itself holds them."""
    addresses, _, _ = audited
    headers = {"Authorization": f"Bearer {addresses.backend_key}"}
    answer = httpx.get(f"{addresses.backend_url}/Patient?_count=500", headers=headers, trust_env=False)
    patients = [entry["resource"] for entry in answer.json()["entry"]]
    masked = ("address", "telecom", "identifier")
    values = {s for p in patients for element in masked for s in strings(p.get(element, []))}
    found = {value for value in values if len(value) >= _LEAST}
    assert len(found) > 200
    return found


def send_everywhere(caller, value):
    """Send a value in every place of a request that a caller can write in."""
    written = quote(value, safe="")
    for path in (
        f"Patient?address={written}",
        f"Patient?telecom={written}&family={written}",
        f"Patient?identifier={written}",
        f"Patient?{written}=1",
        f"Patient?address:{written}=x&_sort={written}",
        f"Patient?_include={written}:*",
        f"Patient?_has:Observation:{written}:code=1",
        f"Observation?patient.address={written}",
        f"Observation?patient.{written}=1",
        f"Patient?_elements={written}",
        f"Patient/$everything?start={written}",
        f"$export?_type={written}",
    ):
        caller.get(path)
        from_elsewhere(caller, path)
    letters = "".join(c for c in value.title() if c.isascii() and c.isalpha())[:30] or "X"
    caller.get(f"{letters}?address={written}")
    caller.get(f"Patient/${letters.lower()}")
    patient = {"resourceType": "Patient", "address": [{"text": value}], "telecom": [{"value": value}]}
    caller.request("POST", "Patient", patient)
    caller.request("PUT", "Patient/pat-0000001", {**patient, "id": "pat-0000001"})
    caller.bundle("batch", {"resource": patient, "request": {"method": "POST", "url": "Patient"}})
    caller.bundle("transaction", {"request": {"method": "GET", "url": f"Patient?address={written}"}})


def decoded(events):
    return "\n".join(query for event in events for query in queries(event))


def test_no_masked_value_and_no_secret_is_in_the_trail(audited, callers, trail, hidden, inside):
    addresses, plan, _ = audited
    masked = callers["masked"]
    masked.get("Patient?_count=100")
    masked.get(f"Patient/{inside}")
    callers["full"].get("Patient?_count=100")
    sample = sorted(hidden)[:: max(1, len(hidden) // 12)]
    for value in sample:
        send_everywhere(masked, value)
    signed = [assertion(addresses, "masked", kid=kid) for kid in (KEY.kid, "unknown")]
    for one in signed:
        ask_token(addresses, CLIENTS[1], masked.http, one)
    httpx.get(f"{masked.base}/Patient?access_token={masked.token}", trust_env=False)
    events = trail.events()
    text = trail.bytes().decode() + decoded(events)
    secrets = {*signed, *(c.token for c in callers.values()), addresses.backend_key, plan.laboratory_secret}
    assert [secret for secret in secrets if secret in text] == []
    kept = without_own_words(text)
    assert [value for value in hidden if value in kept] == []


def without_own_words(text):
    """Return the text without what the gateway writes of itself: ids of events, times, digests of queries."""
    events = [
        json.loads(line) for line in text.splitlines() if line.startswith('{"resourceType":"AuditEvent"')
    ]
    rest = [line for line in text.splitlines() if not line.startswith('{"resourceType":"AuditEvent"')]
    for event in events:
        del event["id"], event["recorded"]
        for entity in event["entity"]:
            entity.pop("query", None)
            entity["detail"] = [d for d in entity.get("detail", []) if d["type"] != "inside"]
    return json.dumps(events, ensure_ascii=False) + "\n".join(rest)


@pytest.mark.parametrize("client", ["full", "masked"])
def test_no_word_of_the_caller_is_kept(client, callers, trail):
    mark = f"{MARK}{uuid.uuid4().hex[:8].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    _, events = trail.of(lambda: send_everywhere(callers[client], mark))
    assert len(events) > 20
    written = json.dumps(events) + decoded(events)
    assert mark.lower() not in written.lower()


def test_a_query_on_a_masked_path_is_not_searched_for_ids(callers, trail, inside):
    ask = f"Patient?address=x&link=Patient/{inside}"
    answer, (event,) = trail.of(lambda: callers["masked"].get(ask))
    assert answer.status_code == 400
    assert entities(event, "4") == ["GET Patient"]
