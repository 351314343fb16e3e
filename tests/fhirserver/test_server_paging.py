"""Pages are complete, stable across writes, opaque, and of one client only."""

import base64
import itertools

import pytest
from server_hospital import BASE, BOTH, COHORT, Hospital, observation, patient

from lab.fhir.view import View
from lab.fhirserver.search import plan

pytestmark = pytest.mark.both_stores


def ids_of(hospital: Hospital, url: str) -> list[str]:
    return [i for page in hospital.pages(url) for i in page.ids()]


@BOTH
@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("count", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "query",
    ["", "&_sort=date", "&_sort=-date", "&_sort=_id", "&_sort=-_id", "&_sort=-_lastUpdated", "&_sort=code"],
)
def test_pages_together_are_the_whole_in_order(
    everything: Hospital, monkeypatch: pytest.MonkeyPatch, few: int, count: int, query: str
) -> None:
    monkeypatch.setattr(plan, "FEW", few)
    whole = everything.get(f"/Observation?patient=in1,in2,out1{query}&_count=100").ids()
    assert ids_of(everything, f"/Observation?patient=in1,in2,out1{query}&_count={count}") == whole
    assert len(whole) == len(set(whole)) == 11


@BOTH
def test_resources_without_the_sort_key_come_last(everything: Hospital) -> None:
    for order in ("date", "-date"):
        assert set(ids_of(everything, f"/Observation?patient=in1&_sort={order}&_count=2")[-2:]) == {
            "tie",
            "focus",
        }
    dated = ids_of(everything, "/Observation?patient=in1&_sort=-date")[:3]
    assert dated == ["in1-2", "in1-1", "in1-0"]


@BOTH
def test_several_values_sort_by_the_first_or_the_last_of_them(writable: Hospital) -> None:
    for id_, families in {"m1": ["Bb", "Yy"], "m2": ["Cc"], "m3": ["Aa", "Zz"]}.items():
        names = [{"family": family} for family in families]
        writable.ask("PUT", f"/Patient/{id_}", patient(id_, name=names))
    assert writable.get("/Patient?_id=m1,m2,m3&_sort=family").ids() == ["m3", "m1", "m2"]
    assert writable.get("/Patient?_id=m1,m2,m3&_sort=-family").ids() == ["m3", "m1", "m2"]


@BOTH
@pytest.mark.parametrize(
    "query", ["?_count=4", "?_sort=-date&_count=4", "?patient=in1,in2,out1&_sort=date&_count=4"]
)
def test_pages_survive_writes_between_them(writable: Hospital, query: str) -> None:
    before = ids_of(writable, f"/Observation{query}")
    first = writable.get(f"/Observation{query}")
    last = first.ids()[-1]
    writable.ask("DELETE", f"/Observation/{last}")
    writable.ask("DELETE", f"/Observation/{first.ids()[0]}")
    writable.ask("POST", "/Observation", observation("x", "in1", effectiveDateTime="1999-01-01"))
    rest = ids_of(writable, first.link("next") or "")
    assert [i for i in rest if i in before] == before[4:]


@BOTH
def test_links_are_the_same_for_the_same_state(everything: Hospital) -> None:
    one, other = (everything.get("/Patient?_count=1").link("next") for _ in range(2))
    assert one == other
    assert one is not None
    assert one.startswith(f"{BASE}/Patient?_page=")


@BOTH
def test_links_reveal_nothing(everything: Hospital) -> None:
    link = everything.get("/Patient?family=Lef&_count=1").link("next") or ""
    token = link.partition("_page=")[2]
    clear = base64.urlsafe_b64decode(token + "==")
    assert not any(word in clear for word in (b"Lef", b"family", b"Patient", b"in1"))


@BOTH
def test_a_link_of_another_client_or_policy_is_gone(everything: Hospital) -> None:
    link = everything.seen_through(COHORT).get("/Patient?_count=1").link("next") or ""
    for binding in ("client-b/1", "client-a/2", ""):
        other = everything.seen_through(View(COHORT.cohorts, binding))
        answer = other.get(link)
        assert (answer.status, answer.json["resourceType"]) == (410, "OperationOutcome")
    assert everything.seen_through(COHORT).get(link).status == 200


@BOTH
def test_an_edited_link_is_gone(everything: Hospital) -> None:
    link = everything.get("/Patient?_count=1").link("next") or ""
    address, _, token = link.partition("_page=")
    edited = [token[:-1], token + "A", "", "A", "é", "====", token[:20], "A" * 40, token + "=", token + "%20"]
    flipped = [
        token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(0, len(token), 7)
    ]
    for wrong in itertools.chain(edited, flipped):
        assert everything.get(f"{address}_page={wrong}").status in {400, 410}, wrong
    assert everything.get(f"{BASE}/Observation?_page={token}").status == 410
    assert everything.get(f"{BASE}/Patient/in1/_history?_page={token}").status == 410
    assert everything.get(f"{link}&_count=5").status == 400


@BOTH
def test_a_history_link_belongs_to_its_resource(writable: Hospital) -> None:
    for id_ in ("in1", "in2"):
        writable.ask("PUT", f"/Patient/{id_}", patient(id_))
    link = writable.get("/Patient/in1/_history?_count=1").link("next") or ""
    assert writable.get(link).status == 200
    assert writable.get(link.replace("in1", "in2")).status == 410
    assert writable.seen_through(View(COHORT.cohorts, "b")).get(link).status == 410


@BOTH
def test_the_last_page_has_no_next_link(everything: Hospital) -> None:
    assert everything.get("/Patient?_count=5").link("next") is None
    assert everything.get("/Patient?_count=4").link("next") is not None
    assert everything.get("/Patient?family=nobody").entries == []


@BOTH
def test_totals_stay_the_same_on_every_page(everything: Hospital) -> None:
    assert {p.json["total"] for p in everything.pages("/Patient?_count=2&_total=accurate")} == {5}


@BOTH
def test_includes_come_with_their_page(everything: Hospital) -> None:
    pages = everything.pages("/Observation?code=6690-2&_include=Observation:subject&_count=1&_elements=code")
    assert [p.ids("include") for p in pages] == [["in2"], ["in1"]]
    assert all("subject" not in p.entries[0]["resource"] for p in pages)
