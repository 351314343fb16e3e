"""Acts that rearrange the pages of a search: cycles, empty pages, pauses, foreign entries and links."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from lab.authserver.tokens import Tokens
from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.gateway.act import Stage, all_acts

BASE = "http://127.0.0.1:1/fhir"
ACTS = all_acts()
OWN = f"{BASE}/Encounter?class=EMER&_count=10"
VISIT = {"resourceType": "Encounter", "id": "e1"}


def get(query, type_="Encounter"):
    return parse("GET", f"/{type_}", query, {}, b"", base_url=BASE)


SEARCH = get("class=EMER&_lastUpdated=ge2026-01-01")


def stage(request=SEARCH):
    return Stage("app", Tokens(), "http://127.0.0.2:2", request)


def page(*resources, **more):
    links = [{"relation": "self", "url": OWN}, {"relation": "next", "url": f"{BASE}/Encounter?_page=2"}]
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    body = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 7,
        "link": links,
        "entry": entries,
        **more,
    }
    return FhirResponse(200, json.dumps(body).encode())


def played(name, given, on=None):
    changed = ACTS[name].after(on or stage(), given)
    return json.loads(changed.body) if changed else None


def link(bundle, relation):
    return next(one["url"] for one in bundle["link"] if one["relation"] == relation)


def test_a_cycle_leads_back_to_its_own_page():
    assert link(played("next-cycle", page(VISIT)), "next") == OWN
    assert played("next-cycle", page(VISIT, link=[])) is None
    assert not ACTS["next-cycle"].applies(
        parse(
            "POST",
            "/Encounter/_search",
            "",
            {"content-type": "application/x-www-form-urlencoded"},
            b"a=1",
            base_url=BASE,
        )
    )


def test_an_empty_page_leads_to_the_rows_by_another_address():
    empty = played("empty-page", page(VISIT))
    assert not {"entry", "total"} & empty.keys()
    assert link(empty, "self") == OWN
    assert parse_qs(urlsplit(link(empty, "next")).query) == {
        "class": ["EMER"],
        "_count": ["10"],
        "_total": ["none"],
    }
    assert played("empty-page", page()) is None


def test_a_page_of_changes_is_followed_by_a_pause_once():
    act, on = ACTS["pause-between-pages"], stage()
    assert act.applies(SEARCH)
    assert not act.applies(get("class=EMER"))
    assert "entry" not in json.loads(act.after(on, page()).body)
    assert act.after(on, page(VISIT)) == page(VISIT)
    second = Stage("app", on.tokens, on.decoy_url, get("_lastUpdated=ge2026&_total=none"), cast=on.cast)
    assert act.after(second, page(VISIT)).status == 429


def test_entries_that_are_no_match_come_along():
    entries = played("search-outcome", page(VISIT))["entry"]
    assert [one["search"]["mode"] for one in entries] == ["outcome", "match", "include"]
    assert played("search-outcome", page()) is None


def test_the_first_filter_is_missing_in_the_self_link():
    on = stage()
    assert link(played("ignored-parameter", page(VISIT), on), "self") == f"{BASE}/Encounter?_count=10"
    assert on.cast == {"ignored-parameter": "class"}
    assert played("ignored-parameter", page(VISIT), stage(get("_lastUpdated=ge2026"))) is None


def test_a_reference_leads_to_the_decoy():
    (entry,) = played("foreign-reference", page(VISIT))["entry"]
    assert entry["resource"]["serviceProvider"]["reference"].startswith("http://127.0.0.2:2/fhir/")
    assert played("foreign-reference", page({"resourceType": "Basic", "id": "b"})) is None


def test_the_clock_of_the_hospital_is_behind_in_date_and_bundle():
    changed = ACTS["slow-clock"].after(stage(), page(VISIT))
    assert "date" in dict(changed.headers)
    assert json.loads(changed.body)["meta"]["lastUpdated"].endswith("+00:00")


@pytest.mark.parametrize("name", ["next-cycle", "empty-page", "search-outcome", "ignored-parameter"])
def test_what_is_no_page_is_left_alone(name):
    assert played(name, FhirResponse(404, b'{"resourceType":"OperationOutcome"}')) is None


@pytest.mark.parametrize(("name", "conduct"), [("fewer-scopes", "fewer"), ("short-token", "lifetime_s")])
def test_the_token_server_treats_the_application_otherwise_for_a_while(name, conduct):
    act, on = ACTS[name], stage()
    assert act.instead(on).status == 401
    assert getattr(on.conducts["app"], conduct)
    act.undo(on)
    assert on.conducts == {}
