"""What the hospital does not offer to search by is not asked for; a hospital that does not say offers all."""

import pytest
from fake_script import Fault
from hospital_side import poll, with_poller
from tableau_urgences.hospital.capabilities import Capabilities
from tableau_urgences.hospital.questions import Rejected


def offering(*names):
    async def read(_):
        return {"Encounter": set(names)}

    return read


def test_the_statement_is_read_once(hospital, tmp_path):
    poll(hospital, tmp_path, times=3)
    assert [one.path for one in hospital.seen].count("/fhir/metadata") == 1


@pytest.mark.parametrize(("offered", "missing"), [(("class",), []), (("date",), ["class"])])
def test_only_filters_that_are_offered_are_used(hospital, tmp_path, monkeypatch, offered, missing):
    monkeypatch.setattr(Capabilities, "read", offering(*offered))

    async def use(poller):
        asked = {"class:not": "AMB", "_id": "x"}
        assert await poller.client.capabilities.missing("Encounter", asked) == missing
        if missing:
            with pytest.raises(Rejected):
                await poller.client.search("Encounter", asked)

    with_poller(hospital, tmp_path, use)
    assert bool(hospital.asked("/fhir/Encounter")) is False


def test_a_hospital_that_does_not_say_offers_all(hospital, tmp_path):
    hospital.faults.append(Fault(404, on="/fhir/metadata"))
    poll(hospital, tmp_path)
    assert hospital.asked("/fhir/Encounter")
