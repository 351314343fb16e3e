"""A drawn hospital as pieces of a file: the same resources in the same order, and the store made of them."""

import json
from datetime import UTC, datetime
from itertools import groupby

import pytest

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.sandbox import drawn
from lab.sandbox.drawn import drawn_pieces
from lab.sandbox.plan import PlanError, SandboxPlan
from lab.sandbox.seed import seed
from synthetic_data import HospitalPlan, generate

PLAN = HospitalPlan(seed=7, patients=20)


def test_pieces_hold_the_resources_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(drawn, "_LINES", 7)
    pieces = drawn_pieces(generate(PLAN), tmp_path / "drawn.ndjson.zst")
    kept = [(piece.type, json.loads(line)) for piece in pieces for line in piece.lines()]
    assert [one for _, one in kept] == list(generate(PLAN))
    assert all(type_ == one["resourceType"] for type_, one in kept)
    assert max(len(piece.lines()) for piece in pieces) == 7
    assert drawn_pieces([], tmp_path / "nothing") == []


def test_an_earlier_file_is_not_written_over(tmp_path):
    (tmp_path / "kept").write_text("kept")
    with pytest.raises(FileExistsError):
        drawn_pieces(generate(PLAN), tmp_path / "kept")


def filled(tmp_path, name):
    plan = SandboxPlan(7, 20, str(tmp_path / "j"), str(tmp_path / name), "00" * 32, "s" * 32, ())
    told = []
    backend, count, groups = seed(plan, lambda: EmbeddedBackend(plan.store, page_key=b"p" * 32), told.append)
    backend.close()
    store = Store(plan.store, clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE)
    rows = store.rows("select type, id, body from resource order by k")
    held = [(type_, id_, json.loads(store.unpack(body))) for type_, id_, body in rows]
    store.close()
    for _, _, resource in held:
        resource["meta"].pop("lastUpdated")
    return held, count, groups, told


def test_a_new_store_and_an_empty_one_are_filled_with_the_same(tmp_path):
    EmbeddedBackend(str(tmp_path / "empty.db"), page_key=b"p" * 32).close()
    new, empty = filled(tmp_path, "new.db"), filled(tmp_path, "empty.db")
    assert new[:3] == empty[:3]
    assert new[1] == len(new[0]) == new[3][-1] == len(list(generate(PLAN)))
    members = {
        one["id"]: tuple(m["entity"]["reference"].partition("/")[2] for m in one.get("member", []))
        for type_, given in groupby(generate(PLAN), lambda one: one["resourceType"])
        for one in given
        if type_ == "Group"
    }
    assert new[2] == members


def test_a_store_that_holds_something_is_refused(tmp_path):
    filled(tmp_path, "held.db")
    with pytest.raises(PlanError, match="holds resources already"):
        filled(tmp_path, "held.db")
