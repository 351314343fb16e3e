"""What holds for all the clinical kinds: loadable in order, valid, of one patient, never in the future."""

from collections import Counter

import pytest
from care_hospital import PLAN, encounter, instant, named, references, resources, target

from lab.validation.check import check
from lab.validation.fast import defects
from synthetic_data.facts.block import Block
from synthetic_data.resources.kind import kinds
from synthetic_data.templating.fill import ndjson

KINDS = (
    "laborder", "imgorder", "spec", "labrep", "imgrep", "proc", "vital", "icu", "mvt", "doc", "obs", "img",
)  # fmt: skip


def test_each_resource_comes_after_those_it_refers_to_and_none_is_missing():
    seen: set[str] = set()
    for one in resources():
        assert set(references(one)) <= seen, one["id"]
        seen.add(f"{one['resourceType']}/{one['id']}")


def test_ids_are_unique():
    assert max(Counter(f"{one['resourceType']}/{one['id']}" for one in resources()).values()) == 1


@pytest.mark.parametrize("prefix", [*KINDS, "loc"])
def test_every_resource_is_valid_r4(prefix: str):
    assert named(prefix)
    for one in named(prefix):
        assert defects(one) == (), one["id"]


@pytest.mark.parametrize("prefix", [*KINDS, "loc"])
def test_a_sample_has_no_defect_even_against_its_profile(prefix: str):
    for one in named(prefix)[::10]:
        assert check(one).findings == (), one["id"]


@pytest.mark.parametrize("prefix", sorted({*KINDS} - {"spec", "mvt", "doc"}))
def test_the_patient_is_that_of_the_encounter(prefix: str):
    assert all(one["subject"] == encounter(one)["subject"] for one in named(prefix))


def test_a_kind_has_the_same_bytes_drawn_alone_or_after_the_others():
    shared = Block(PLAN, 0)
    for kind in kinds():
        if kind.of_block:
            alone = [bytes(ndjson(rows)) for rows in kind.of_block(Block(PLAN, 0))]
            assert alone == [bytes(ndjson(rows)) for rows in kind.of_block(shared)], kind.name


def test_nothing_happens_after_now_or_after_death():
    dates = {
        "authoredOn", "issued", "effectiveDateTime", "receivedTime", "date", "collectedDateTime", "started",
        "start", "end",
    }  # fmt: skip

    def found(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key in dates and isinstance(value, str):
                    yield value
                else:
                    yield from found(value)
        elif isinstance(node, list):
            for value in node:
                yield from found(value)

    for prefix in KINDS:
        for one in named(prefix):
            # Laboratory results may come out after a death, never before the sample.
            death = target(one["subject"]).get("deceasedDateTime")
            latest = max(map(instant, found(one)))
            assert latest <= PLAN.now, one["id"]
            if death and prefix not in {"obs", "labrep", "spec"}:
                assert latest <= instant(death), one["id"]
