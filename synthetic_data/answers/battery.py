"""The battery of questions: tokens, strings, dates over periods, quantities, chains, reverse chains."""

from datetime import datetime, timedelta, timezone

import numpy as np

from synthetic_data.answers.question import Question, encounters, people, results, studies
from synthetic_data.facts.analytes import PLACES, RANK
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import minute_of
from synthetic_data.facts.diagnoses import RANK as DIAGNOSIS
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, STAY
from synthetic_data.facts.identities import FAMILIES, VERY_RESTRICTED
from synthetic_data.facts.people import FEMALE, NEVER
from synthetic_data.facts.studies import MODALITIES
from synthetic_data.facts.units import EMERGENCY, UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

_LAB = "category=laboratory"
_HBA1C, _TROPONIN, _HAEMOGLOBIN, _CREATININE = "4548-4", "67151-1", "718-7", "14682-9"


def battery(plan: HospitalPlan) -> tuple[Question, ...]:
    """Give the questions; those on dates ask about the last full month before `now`."""
    return (*_patients(), *_encounters(plan), *_laboratory(plan), *_imaging(), *_across())


def _patients() -> tuple[Question, ...]:
    return (
        people("gender=female", lambda b: b.people.sex == FEMALE),
        people("deceased=true", lambda b: b.people.death != NEVER),
        people("_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V", _very_restricted),
        people("family:exact=Martin", lambda b: _named(b, "Martin")),
        people("identifier=urn:oid:1.2.250.1.213.1.4.10|", lambda b: b.identities.qualified),
    )


def _very_restricted(block: Block) -> Flags:
    return block.identities.confidentiality == VERY_RESTRICTED


def _named(block: Block, name: str) -> Flags:
    rank = FAMILIES.index(name)
    return (block.identities.family == rank) | (block.identities.used_family == rank)


def _encounters(plan: HospitalPlan) -> tuple[Question, ...]:
    first, last = _month(plan)
    period = f"date=ge{first.date()}&date=lt{last.date()}"
    since, until = minute_of(first), minute_of(last)

    def within(block: Block) -> Flags:
        known_end = np.where(block.episodes.ended, block.episodes.end, NEVER)
        return (block.episodes.start < until) & (known_end >= since)

    return (
        encounters("class=AMB", lambda b: b.episodes.kind == CONSULTATION),
        encounters("class=EMER", lambda b: b.episodes.kind == EMERGENCY_VISIT),
        encounters("class=SS", lambda b: (b.episodes.kind == STAY) & (b.episodes.nights == 0)),
        encounters(
            "class=EMER&status=in-progress",
            lambda b: (b.episodes.kind == EMERGENCY_VISIT) & ~b.episodes.ended,
        ),
        encounters(f"class=EMER&{period}", lambda b: (b.episodes.kind == EMERGENCY_VISIT) & within(b)),
        encounters(f"class=AMB&{period}", lambda b: (b.episodes.kind == CONSULTATION) & within(b)),
        encounters(
            f"class=EMER&service-provider=Organization/{UNITS[EMERGENCY[1]]['id']}",
            lambda b: b.episodes.unit == EMERGENCY[1],
        ),
    )


def _laboratory(plan: HospitalPlan) -> tuple[Question, ...]:
    first, last = _month(plan)
    since, until = minute_of(first), minute_of(last)

    def in_month(block: Block) -> Flags:
        taken = block.samples.taken[block.results.sample]
        return (taken >= since) & (taken < until)

    return (
        results(_LAB, lambda b: np.ones(len(b.results), bool)),
        results(f"code=http://loinc.org|{_HAEMOGLOBIN}", lambda b: _test(b, _HAEMOGLOBIN)),
        results(
            f"code=http://loinc.org|{_HBA1C}&value-quantity=gt7|http://unitsofmeasure.org|%",
            lambda b: _above(b, _HBA1C, 7),
        ),
        results(
            f"code=http://loinc.org|{_TROPONIN}&value-quantity=gt100|http://unitsofmeasure.org|ng/L",
            lambda b: _above(b, _TROPONIN, 100),
        ),
        results(
            f"code=http://loinc.org|{_CREATININE}&date=ge{first.date()}&date=lt{last.date()}",
            lambda b: _test(b, _CREATININE) & in_month(b),
        ),
        results(
            f"code=http://loinc.org|{_HBA1C}&patient.gender=female",
            lambda b: _test(b, _HBA1C) & (b.people.sex[_person_of_results(b)] == FEMALE),
        ),
    )


def _imaging() -> tuple[Question, ...]:
    """Ask by modality: a PET study holds CT series too."""
    mr, ct, pt = (MODALITIES.index(code) for code in ("MR", "CT", "PT"))
    system = "http://dicom.nema.org/resources/ontology/DCM|"
    return (
        studies(f"modality={system}MR", lambda b: b.studies.modality == mr),
        studies(f"modality={system}PT", lambda b: b.studies.modality == pt),
        studies(f"modality={system}CT", lambda b: np.isin(b.studies.modality, (ct, pt))),
        studies(
            f"modality={system}MR&patient.gender=female",
            lambda b: (
                (b.studies.modality == mr) & (b.people.sex[b.episodes.person[b.studies.episode]] == FEMALE)
            ),
        ),
    )


def _across() -> tuple[Question, ...]:
    return (
        people("_has:Encounter:patient:class=EMER", lambda b: _seen(b, b.episodes.kind == EMERGENCY_VISIT)),
        people(
            "_has:Condition:patient:code=http://hl7.org/fhir/sid/icd-10|E11.9",
            lambda b: (
                _seen(b, (b.episodes.diagnosis == DIAGNOSIS["E11.9"]) & (b.episodes.kind != CONSULTATION))
                | b.people.health.having("E11.9")
            ),
        ),
        people(
            f"_has:Observation:patient:code=http://loinc.org|{_TROPONIN}",
            lambda b: _marked(b, _person_of_results(b)[_test(b, _TROPONIN)]),
        ),
    )


def _month(plan: HospitalPlan) -> tuple[datetime, datetime]:
    """Give the bounds of the last calendar month before `now` that lies in one time offset."""
    last = datetime(plan.now.year, plan.now.month, 1, tzinfo=_WINTER)
    first = _month_before(last)
    while first.month in (3, 4, 5, 6, 7, 8, 9, 10):
        last, first = first, _month_before(first)
    return first, last


def _month_before(first: datetime) -> datetime:
    return (first - timedelta(days=1)).replace(day=1)


_WINTER = timezone(timedelta(hours=1))


def _test(block: Block, loinc: str) -> Flags:
    return block.results.test == RANK[loinc]


def _above(block: Block, loinc: str, bound: int) -> Flags:
    return _test(block, loinc) & (block.results.scaled > bound * 10 ** PLACES[RANK[loinc]])


def _person_of_results(block: Block) -> Ints:
    return block.episodes.person[block.samples.episode[block.results.sample]]


def _seen(block: Block, episodes: Flags) -> Flags:
    return _marked(block, block.episodes.person[episodes])


def _marked(block: Block, people_: Ints) -> Flags:
    marked = np.zeros(len(block.people), bool)
    marked[people_] = True
    return marked
