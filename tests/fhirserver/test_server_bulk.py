"""A bulk load makes the store that single writes make, or none; slots change no result of a search."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from server_hospital import COHORT, Hospital, StoreAt, group, hospital, member, observation, patient, quantity

from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage import hot, indexing, slots
from lab.fhirserver.storage.address import Place
from lab.fhirserver.storage.bulk import Piece, build
from lab.fhirserver.storage.loading import load
from lab.fhirserver.storage.schema import SLOTS
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE


def clock() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def nasty() -> Iterator[dict[str, Any]]:
    """What does not fit in slots, what is not there, what comes before what it refers to."""
    yield from hospital()
    two = [{"system": "urn:a", "code": "x"}, {"system": "urn:b", "code": "y"}]
    yield observation("codes", "in1", code_={}, category=[{"coding": two}, {"text": "free"}])
    yield observation(
        "early", "late", performer=[{"reference": "Patient/late"}, {"reference": "Patient/in1"}]
    )
    yield observation("wide", "in1", effectivePeriod={"start": "2026-01-01", "end": "2026-03-01"})
    yield observation("open", "in1", effectivePeriod={"start": "2026-01-01"})
    yield observation("year", "in1", effectiveDateTime="2026")
    yield observation("most", "in1", valueQuantity={**quantity(5), "comparator": "<"})
    yield observation("bare", "in1", valueQuantity={"value": 7})
    yield observation("elsewhere", "in1", encounter={"reference": "http://other.test/fhir/Encounter/1"})
    yield observation("named", "in1", encounter={"identifier": {"system": "urn:x", "value": "1"}})
    yield observation("contained", "in1", specimen={"reference": "#s"}, contained=[])
    yield {**observation("thing", "in1"), "subject": {"reference": "Device/d"}}
    yield patient("late", meta={"versionId": "7", "tag": [{"code": "t"}]})
    yield group("late-comers", member("late"), member("never-came"))
    yield group(
        "twice", member("in1"), member("in1", period={"end": "2021-01-01"}), member("late", inactive=True)
    )
    carried = [{"system": "urn:l", "code": "VIP"}, {"system": "urn:l", "code": "VIP"}, {"code": "no-system"}]
    yield patient("labelled", meta={"security": carried})
    yield {**observation("of-labelled", "labelled"), "meta": {"security": carried[:1]}}
    yield {"resourceType": "Organization", "id": "labelled", "name": "CHU", "meta": {"security": carried[:1]}}
    for id_, status, more in (
        ("here", "current", {"meta": {"security": carried}}),
        ("of-in1", "current", {"subject": {"reference": "Patient/in1"}}),
        ("over", "retired", {}),
    ):
        entries = [
            {"item": {"reference": "Patient/labelled"}},
            {"item": {"reference": "Patient/in2"}, "deleted": True},
            {"item": {"reference": "Patient/never-came"}},
            {"item": {"reference": "Observation/tie"}},
            {"item": {"display": "somebody"}},
        ]
        yield {
            "resourceType": "List",
            "id": id_,
            "status": status,
            "mode": "working",
            "entry": entries,
            **more,
        }


def by_type(resources: Iterator[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        resource.pop("code_", None)
        found.setdefault(resource["resourceType"], []).append(resource)
    return found


def pieces(folder: Path, resources: Iterator[dict[str, Any]], *, compressed: bool = True) -> list[Piece]:
    """Write a file for each type, two pieces in each."""
    found = []
    for type_, each in by_type(resources).items():
        path = folder / f"{type_}.ndjson"
        lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in each]
        offset = 0
        with path.open("wb") as file:
            for part in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
                content = b"\n".join(part) + b"\n" if part else b""
                content = zstandard.compress(content) if compressed else content
                file.write(content)
                found.append(Piece(path, type_, offset, len(content), compressed))
                offset += len(content)
    return found


def logical(store: Store) -> dict[str, Any]:
    """Return all that the store knows, its own numbers replaced by what they stand for."""
    rows = store.rows
    names = {k: (type_, id_) for k, type_, id_ in rows("select k, type, id from resource")}
    names |= {k: (type_, id_) for k, type_, id_ in rows("select k, type, id from absent")}
    sets = dict(rows("select n, content from token_set"))
    parameters = {n: (type_, code) for n, type_, code in rows("select id, type, code from parameter")}
    leading = {n for (n,) in rows("select id from parameter where kind = 'reference'")}
    several: dict[int, set[tuple[str, str]]] = {}
    for n, k in rows("select n, patient from patient_set"):
        several.setdefault(n, set()).add(names[k])

    def said(slot: str, held: Any) -> Any:
        if held is None or slot in {"low", "high", "number"}:
            return held
        return names[held] if slot.startswith("reference") else sets[held]

    resources = {}
    for k, body, about, *held in rows(f"select k, body, about, {', '.join(SLOTS)} from resource"):
        patients = several[about] if about is not None and about < 0 else {names[about]} if about else set()
        slots = [said(*each) for each in zip(SLOTS, held, strict=True)]
        resources[names[k]] = (json.loads(store.unpack(body)), patients, slots)
    values = [
        (names[k], parameters[p], n, extreme, names[code] if p in leading and code else code, *rest)
        for k, p, n, extreme, code, *rest in rows("select * from value")
    ]
    pools = {(pool, names[k], low, high) for pool, k, low, high in rows("select * from pool_member")}
    return {"resources": resources, "values": sorted(values, key=repr), "pools": pools}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_bulk_load_makes_the_same_store(
    tmp_path: Path, workers: int, store_at: StoreAt, *, compressed: bool
) -> None:
    told: list[int] = []
    listed = pieces(tmp_path, nasty(), compressed=compressed)
    count = build(store_at(tmp_path / "bulk.db"), listed, workers=workers, progress=told.append, clock=clock)
    one_by_one = Store(store_at(tmp_path / "single.db"), clock=clock, zone=HOSPITAL_ZONE)
    loaded = load(one_by_one, (r for each in by_type(nasty()).values() for r in each))
    bulk = Store(store_at(tmp_path / "bulk.db"), clock=clock, zone=HOSPITAL_ZONE)
    assert count == loaded == told[-1]
    expected, got = logical(one_by_one), logical(bulk)
    for what in expected:
        assert got[what] == expected[what], what
    gathered = {(pool, name) for pool, name, _, high in got["pools"] if high > clock().timestamp() * 1000}
    assert {name for pool, (_, name) in gathered if pool == "Group/twice"} == {"in1"}
    assert {name for pool, (_, name) in gathered if pool == "List/here"} == {"labelled", "never-came"}
    assert {name for pool, (_, name) in gathered if pool == "tag/urn:l|VIP"} == {
        *("labelled", "of-labelled", "here")
    }
    assert not any(pool == "List/over" for pool, _ in gathered)
    bulk.close()
    one_by_one.close()


def test_what_comes_late_is_found_by_what_came_before(tmp_path: Path, store_at: StoreAt) -> None:
    build(store_at(tmp_path / "late.db"), pieces(tmp_path, nasty()), clock=clock)
    asked = Hospital(EmbeddedBackend(store_at(tmp_path / "late.db"), page_key=b"p" * 32))
    assert asked.ids("/Observation?patient=late") == ["early"]
    assert asked.ids("/Observation?patient:missing=true") == ["thing"]
    assert asked.get("/Observation/early?_pretty=false").status == 200
    assert asked.backend.members("late-comers") == {"late", "never-came"}
    asked.ask("PUT", "/Patient/never-came", patient("never-came"))
    asked.ask("PUT", "/Observation/new", observation("new", "never-came"))
    assert asked.ids("/Observation?patient.identifier=ins-never-came") == ["new"]
    assert asked.backend.members("late-comers") == {"late", "never-came"}
    asked.backend.close()


@pytest.mark.parametrize(
    ("line", "said"),
    [(b'{"resourceType":"Device","id":"d"}', "Expected one Patient"), (b"{", "Expected one Patient")],
)
def test_what_is_no_resource_leaves_no_store(tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "Patient.ndjson"
    path.write_bytes(line)
    with pytest.raises(ValueError, match=said):
        build(tmp_path / "no.db", [Piece(path, "Patient", 0, len(line), compressed=False)])
    assert [each.name for each in tmp_path.iterdir()] == ["Patient.ndjson"]


def test_the_same_id_twice_leaves_no_store(tmp_path: Path) -> None:
    listed = pieces(tmp_path, iter([patient("a"), patient("b")]))
    with pytest.raises(ValueError, match="an id that another one has"):
        build(tmp_path / "no.db", [*listed, *listed])
    assert not list(tmp_path.glob("no.db*"))


def test_a_store_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.db").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        build(tmp_path / "kept.db", [])
    assert (tmp_path / "kept.db").read_bytes() == b"precious"


QUERIES = [
    "code=718-7",
    "code:not=718-7",
    "code=http://loinc.org|",
    "category=x,y",
    "category:missing=true",
    "combo-code=718-7",
    "combo-value-quantity=gt10",
    "status=final",
    "patient=in1",
    "patient:missing=true",
    "subject=Patient/in1,Patient/in2",
    "subject=Device/d",
    "patient.family=lefevre",
    "patient:identifier=urn:x|1",
    "encounter=stay-in1",
    "encounter=http://other.test/fhir/Encounter/1",
    "encounter:missing=false",
    "encounter:identifier=urn:x|1",
    "performer=Patient/late",
    "date=2026-03",
    "date=ge2026-03-02",
    "date=lt2026-03-02T11:00:00Z",
    "date=ne2026-03-01",
    "date=sa2026-02",
    "date=eb2026-03-02",
    "date=ap2026-03-01",
    "date:missing=true",
    "value-quantity=gt10",
    "value-quantity=11.1||g/dL",
    "value-quantity=lt6",
    "_tag=t",
]
_CACHES = (slots.slots, indexing.indexed, indexing.concerned)
ORDERS = [
    "",
    "_sort=date",
    "_sort=-date",
    "_sort=code",
    "_sort=-status,date",
    "_sort=-value-quantity",
    "_sort=_id",
]


def test_slots_change_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_at: StoreAt) -> None:
    chance = random.Random(5)  # noqa: S311 - queries, not secrets
    with_slots = Hospital(_loaded(store_at(tmp_path / "slots.db")))
    searches = []
    for _ in range(250):
        asked = "&".join(chance.sample(QUERIES, chance.randint(1, 3)))
        order = chance.choice(ORDERS)
        view = chance.choice([EVERYTHING, COHORT])
        searches.append((f"/Observation?{asked}" + (f"&{order}" if order else ""), bool(order), view))
    expected = [_found(with_slots, *each) for each in searches]
    with_slots.backend.close()
    monkeypatch.setattr(hot, "HOT", {})
    for cache in _CACHES:
        cache.cache_clear()
    try:
        without = Hospital(_loaded(store_at(tmp_path / "plain.db")))
        for each, found in zip(searches, expected, strict=True):
            assert _found(without, *each) == found, each
        without.backend.close()
    finally:
        for cache in _CACHES:
            cache.cache_clear()
    assert sum(map(len, expected)) > 500


def _loaded(path: Place) -> EmbeddedBackend:
    backend = EmbeddedBackend(path, page_key=b"p" * 32, clock=clock)
    backend.load(r for each in by_type(nasty()).values() for r in each)
    return backend


def _found(hospital_: Hospital, url: str, ordered: bool, view: Any) -> list[str]:  # noqa: FBT001
    ids = [id_ for page in hospital_.seen_through(view).pages(f"{url}&_count=3") for id_ in page.ids()]
    return ids if ordered else sorted(ids)
