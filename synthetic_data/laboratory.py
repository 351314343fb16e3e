"""Laboratory Observation resources: values coherent with the patient and with one another."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from random import Random
from typing import Any

from synthetic_data.analytes import Analyte, Usual, analytes, categories, measure, rounded, usual
from synthetic_data.chance import dice
from synthetic_data.clock import stamp
from synthetic_data.derived import link
from synthetic_data.episode import MINUTE, Episode
from synthetic_data.orders import Sample, samples, words_of
from synthetic_data.plan import HospitalPlan
from synthetic_data.structures import Resource, units
from synthetic_data.templates import template

_FINDINGS = {"positif": ("POS", "positif"), "negatif": ("NEG", "négatif")}
_FOR_LIFE = ("883-9", "10331-7")  # blood group and rhesus


def observations(
    plan: HospitalPlan, episodes: Sequence[Episode], tests: Sequence[int], first_number: int
) -> Iterator[Resource]:
    """Give the Observation resources: `tests[i]` of them for `episodes[i]`, numbered from `first_number`."""
    numbers = count(first_number)
    for episode, wanted in zip(episodes, tests, strict=True):
        if not wanted:
            continue
        rng = dice(plan.seed, "results", episode.number)
        for sample in samples(plan, episode, wanted):
            shared = _sample_values(plan, episode, sample, rng)
            for resource in _results(plan, episode, sample, rng):
                yield template(resource.pop("shape")).fill(id=f"obs-{next(numbers):07}", **shared, **resource)


def _sample_values(plan: HospitalPlan, episode: Episode, sample: Sample, rng: Random) -> dict[str, Any]:
    """Give what the results of a sample share; they come out 45 to 120 minutes later, never after `now`."""
    issued: datetime = min(sample.taken + rng.randint(45, 120) * MINUTE, plan.now)
    return {
        "patient": episode.person.id,
        "encounter": episode.id,
        "effective": stamp(sample.taken),
        "issued": stamp(issued),
        "laboratory": units("laboratoire")[0].id,
    }


def _results(plan: HospitalPlan, episode: Episode, sample: Sample, rng: Random) -> Iterator[dict[str, Any]]:
    """Give the template and its own values for each test of a sample, in the order of the sample."""
    person, age = episode.person, episode.person.age(sample.taken)
    own, words = _standing(plan.seed, person.index), words_of(episode)
    measured = {}
    ranges = {}
    for loinc in sample.tests:
        analyte = analytes()[loinc]
        if analyte.law != "C":
            ranges[loinc] = usual(loinc, person.sex, age, words)
            measured[loinc] = measure(rng, analyte, ranges[loinc], own[analyte.rank])
    linked = link(measured, person.sex, age)
    for loinc in sample.tests:
        analyte = analytes()[loinc]
        if loinc in linked:
            yield _quantity(analyte, ranges[loinc], rounded(analyte, linked[loinc]))
        else:
            source = dice(plan.seed, loinc, person.index) if loinc in _FOR_LIFE else rng
            yield _finding(analyte, categories(loinc).draw(source)[0])


@lru_cache(maxsize=1)
def _standing(seed: int, index: int) -> tuple[float, ...]:
    """Draw a person's lasting deviation from the usual, for each test; patients come one after the other."""
    rng = dice(seed, "physiology", index)
    return tuple(rng.gauss(0, 1) for _ in analytes())


def _quantity(analyte: Analyte, expected: Usual, value: float) -> dict[str, Any]:
    return {
        "shape": "observation_quantity",
        "loinc": analyte.loinc,
        "label": analyte.label,
        "value": value,
        "unit": analyte.unit,
        "ucum": analyte.ucum,
        "low": expected.low,
        "high": expected.high,
        "interpretation": _interpretation(expected, value),
    }


def _interpretation(expected: Usual, value: float) -> str | None:
    """Compare with the reference range: L, N or H; nothing to say without a range."""
    if expected.low is None and expected.high is None:
        return None
    if expected.low is not None and value < expected.low:
        return "L"
    return "H" if expected.high is not None and value > expected.high else "N"


def _finding(analyte: Analyte, finding: str) -> dict[str, Any]:
    code, text = _FINDINGS.get(finding, (None, finding))
    return {
        "shape": "observation_finding",
        "loinc": analyte.loinc,
        "label": analyte.label,
        "finding_code": code,
        "finding": text,
    }
