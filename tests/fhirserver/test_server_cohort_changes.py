"""Pools that change, and writes that would change them: Groups, Lists and labels act at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cohort_world import BLUE, LABELS, VIP, WORLD, Json, entry, labelled, list_, world
from exporting import ended, started
from server_hospital import Hospital, StoreAt, group, member

from lab.fhir.cohort import WHOLE, Cohort
from lab.fhir.view import View
from lab.fhirserver.backend import EmbeddedBackend


@pytest.fixture
def own(tmp_path: Path, store_at: StoreAt) -> Iterator[Hospital]:
    """A world of one's own."""
    backend = EmbeddedBackend(store_at(tmp_path / "h.db"), page_key=b"p" * 32)
    backend.load(world())
    yield Hospital(backend)
    backend.close()


def test_a_refused_write_leaves_nothing(own: Hospital) -> None:
    narrow = Cohort(queries=(frozenset({"code=718-7"}),))
    client = own.seen_through(View({"Observation": narrow}, "v"))
    other = {**WORLD["Observation/of-none"], "code": WORLD["Observation/of-group"]["code"]}
    assert client.ask("PUT", "/Observation/of-none", other).status == 403
    assert client.ask("POST", "/Observation", other).status == 403
    codes = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]}
    leaving = [{"op": "replace", "path": "/code", "value": codes}]
    patched = client.ask("PATCH", "/Observation/of-none", leaving, content_type="application/json-patch+json")
    assert patched.status == 403
    assert own.get("/Observation/of-none").json["meta"]["versionId"] == "1"
    assert len(own.ids("/Observation?_count=1000")) == sum(n.startswith("Observation/") for n in WORLD)


NAMED = View(
    {"Patient": Cohort((frozenset({BLUE, "Group/g"}),)), "Organization": WHOLE}, "v", labels=frozenset({BLUE})
)


@pytest.mark.parametrize(
    ("name", "codes", "status"),
    [
        ("Patient/group", ("BLUE",), 403),
        ("Patient/group", ("BLUE", "OTHER"), 403),
        ("Patient/group", ("OTHER",), 200),
        ("Patient/all", (), 403),
        ("Patient/all", ("OTHER",), 403),
        ("Patient/all", ("BLUE",), 200),
        ("Patient/blue", (), 403),
        ("Organization/plain", ("BLUE",), 403),
        ("Organization/blue", (), 403),
        ("Organization/blue", ("BLUE", "VIP"), 200),
    ],
)
@pytest.mark.parametrize("deleted", [False, True])
def test_a_write_neither_gives_nor_takes_a_label_of_the_policy(
    own: Hospital, name: str, codes: tuple[str, ...], status: int, *, deleted: bool
) -> None:
    """What was deleted kept its labels: to write it again is the same."""
    bare = {k: v for k, v in WORLD[name].items() if k != "meta"}
    if deleted:
        assert own.ask("DELETE", f"/{name}").status == 204
    answer = own.seen_through(NAMED).ask("PUT", f"/{name}", labelled(bare, *codes))
    assert answer.status == (201 if deleted and status == 200 else status)
    assert (own.get(f"/{name}").status == 410) is (deleted and status == 403)


def test_a_patch_gives_no_label_either(own: Hospital) -> None:
    value = {"security": [{"system": LABELS, "code": "BLUE"}]}
    given_ = [{"op": "add", "path": "/meta", "value": value}]
    sort = "application/json-patch+json"
    client = own.seen_through(NAMED)
    assert client.ask("PATCH", "/Patient/group", given_, content_type=sort).status == 403
    assert own.ask("PATCH", "/Patient/group", given_, content_type=sort).status == 200


def test_pools_change_at_once(own: Hospital) -> None:
    def seen(cohort: Cohort) -> tuple[list[str], list[str]]:
        client = own.seen_through(View({"Patient": cohort, "Encounter": cohort}, "v"))
        people_ = client.ids("/Patient?_count=100")
        stays = client.ids("/Encounter?_count=100")
        assert [client.get(f"/Patient/{id_}").status for id_ in people_] == [200] * len(people_)
        return people_, [id_.removeprefix("stay-") for id_ in stays]

    def put(resource: Json) -> None:
        assert own.ask("PUT", f"/{resource['resourceType']}/{resource['id']}", resource).status == 200

    of_list, of_blue = (Cohort((frozenset({pool}),)) for pool in ("List/l", BLUE))
    without_list = Cohort().but({"List/l"})
    assert seen(of_list) == (["all", "group", "list"],) * 2
    put(list_("l", entry("list", deleted=True), entry("none"), mode="changes"))
    assert seen(of_list) == (["none"], ["none"])
    assert "none" not in seen(without_list)[0]
    put(list_("l", entry("list"), status="retired"))
    assert seen(of_list) == ([], [])
    assert {"none", "list"} <= set(seen(without_list)[0])
    put(list_("l", entry("list")))
    assert own.ask("DELETE", "/List/l").status == 204
    assert seen(of_list) == ([], [])
    assert "list" in seen(without_list)[0]
    assert seen(of_blue) == (["all", "blue", "gone"],) * 2
    put(labelled(WORLD["Patient/none"], "BLUE"))
    put(labelled({k: v for k, v in WORLD["Patient/blue"].items() if k != "meta"}, "OTHER"))
    assert seen(of_blue) == (["all", "gone", "none"],) * 2
    people_, stays = seen(Cohort().but({BLUE}))
    assert people_ == ["blue", "group", "group-h", "group-vip", "list"]
    assert stays == [*people_, "never"]
    assert own.ask("DELETE", "/Patient/all").status == 204
    assert seen(of_blue) == (["gone", "none"], ["all", "gone", "none"])


def test_a_deletion_is_told_to_those_who_could_see_and_still_can(own: Hospital) -> None:
    client = own.seen_through(View({"Observation": Cohort((frozenset({"List/l"}),), frozenset({VIP}))}, "v"))
    for id_ in ("of-list", "of-none", "of-group"):
        assert own.ask("DELETE", f"/Observation/{id_}").status == 204
    assert [client.get(f"/Observation/of-{id_}").status for id_ in ("list", "none", "group")] == [
        410,
        404,
        410,
    ]
    own.ask("PUT", "/Patient/group", labelled(WORLD["Patient/group"], "VIP"))
    own.ask("PUT", "/List/l", list_("l", entry("group"), entry("none")))
    assert [client.get(f"/Observation/of-{id_}").status for id_ in ("list", "none", "group")] == [
        404,
        410,
        404,
    ]


@pytest.mark.parametrize("pool", ["Group/h", "List/l", VIP])
def test_the_files_of_an_export_are_closed_once_somebody_in_them_is_denied(own: Hospital, pool: str) -> None:
    cohort = Cohort((frozenset({"Group/g"}),), frozenset({pool}))
    client = own.seen_through(View({"Patient": cohort, "Encounter": cohort}, "v"))
    status_url = started(client, "/$export")
    told = ended(client, status_url)
    assert told.status == 200
    urls = [status_url, *(item["url"] for item in told.json["output"])]

    def statuses() -> set[int]:
        return {client.get(url).status for url in urls}

    assert statuses() == {200}
    denied: Mapping[str, tuple[Json, Json]] = {
        "Group/h": (group("h", member("group"), member("group-h")), group("h", member("group-h"))),
        "List/l": (
            list_("l", *map(entry, ("group-h", "list", "all", "group"))),
            list_("l", *map(entry, ("list", "all", "group"))),
        ),
        VIP: (labelled(WORLD["Patient/group"], "VIP"), WORLD["Patient/group"]),
    }
    before, after = denied[pool]
    address = f"/{before['resourceType']}/{before['id']}"
    assert own.ask("PUT", address, before).status == 200
    assert statuses() == {404}
    assert own.ask("PUT", address, after).status == 200
    assert statuses() == {200}


@pytest.mark.parametrize(
    ("type_", "id_", "closed"),
    [
        ("Observation", "of-none", False),
        ("Observation", "of-group", True),
        ("Organization", "plain", False),
        ("Organization", "blue", True),
    ],
)
def test_what_an_export_could_not_hold_does_not_close_it(
    own: Hospital, type_: str, id_: str, *, closed: bool
) -> None:
    """What was about somebody else, or in no pool, is not in the files, wherever it is moved since."""
    pools = frozenset({"Group/g", BLUE})
    cohort = Cohort((pools,), frozenset({VIP}))
    client = own.seen_through(View({"Observation": cohort, "Organization": cohort}, "v"))
    status_url = started(client, "/$export")
    assert ended(client, status_url).status == 200
    moved = {"subject": {"reference": "Patient/group"}} if type_ == "Observation" else {}
    name = f"{type_}/{id_}"
    assert own.ask("PUT", f"/{name}", labelled({**WORLD[name], **moved}, "VIP", "BLUE")).status == 200
    assert client.get(status_url).status == (404 if closed else 200)
