"""ImagingStudy resources: MRI, CT and PET, shared exactly between the episodes that call for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count
from random import Random

from synthetic_data.chance import Urn, dice, largest_remainder
from synthetic_data.clock import stamp
from synthetic_data.episode import MINUTE, Episode
from synthetic_data.plan import HospitalPlan
from synthetic_data.structures import Resource
from synthetic_data.tables import ADULT, admits, table
from synthetic_data.templates import template
from synthetic_data.volumes import share

Row = dict[str, str]
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_QUANTITY = {"MR": "irm", "CT": "scanner", "PT": "tep"}
_OUTSIDE_INDICATION = 0.01
_SLICES = {"MR": (20, 180), "CT": (80, 600), "PT": (200, 400)}


@dataclass(frozen=True, slots=True)
class Study:
    """One examination to be written."""

    episode: Episode
    modality: str


def share_studies(plan: HospitalPlan, block: range, episodes: Sequence[Episode]) -> list[Study]:
    """Share the examinations of a block between its episodes, in episode order, MR before CT before PT."""
    counts = {
        modality: largest_remainder(
            share(quantity, block), [_weight(plan, episode, modality) for episode in episodes]
        )
        for modality, quantity in _QUANTITY.items()
    }
    return [
        Study(episode, modality)
        for rank, episode in enumerate(episodes)
        for modality in _QUANTITY
        for _ in range(counts[modality][rank])
    ]


def imaging_studies(plan: HospitalPlan, studies: Sequence[Study], first_number: int) -> Iterator[Resource]:
    """Give the ImagingStudy resources, numbered from `first_number`."""
    for number, study in zip(count(first_number), studies, strict=False):
        yield _imaging_study(plan, study, number)


@cache
def _acts(modality: str, sex: str, age: int) -> tuple[tuple[Row, tuple[str, ...]], ...]:
    return tuple(
        (row, tuple(row["indications"].split()))
        for row in table("imagerie")
        if row["modalite"] == modality and admits(row, sex, age)
    )


def _indicated(modality: str, episode: Episode) -> list[tuple[Row, float]]:
    """Weigh the acts an episode may lead to: PET for cancer only, nothing but MRI around a birth."""
    person, code = episode.person, episode.diagnosis.code
    if modality == "PT" and "cancer" not in person.health.words:
        return []
    if modality != "MR" and code.startswith("O"):
        return []
    return [
        (row, float(row["poids"]) * (1.0 if code.startswith(prefixes) else _OUTSIDE_INDICATION))
        for row, prefixes in _acts(modality, person.sex, person.age(episode.start))
    ]


def _weight(plan: HospitalPlan, episode: Episode, modality: str) -> float:
    """Weigh an episode for a modality; any adult keeps a tiny weight so that the count can be met."""
    luck = dice(plan.seed, modality, episode.number).expovariate(1.0)
    adult = episode.person.age(episode.start) >= ADULT and not episode.diagnosis.code.startswith("O")
    return luck * sum(weight for _, weight in _indicated(modality, episode)) + (1e-9 if adult else 0.0)


def _imaging_study(plan: HospitalPlan, study: Study, number: int) -> Resource:
    rng = dice(plan.seed, "imaging", number)
    episode = study.episode
    act = _draw_act(rng, study)
    minutes = (episode.ended(plan.now) - episode.start) * rng.uniform(0.1, 0.9) // MINUTE
    started = episode.start + minutes * MINUTE
    series = [
        _series(rng, rank, modality, act["region"], started)
        for rank, modality in enumerate(_series_of(rng, study.modality), 1)
    ]
    modalities = dict.fromkeys(one["modality"]["code"] for one in series)
    return template("imaging_study").fill(
        id=f"img-{number:06}",
        uid=_uid(rng),
        modalities=[{"system": _DICOM, "code": code} for code in modalities],
        patient=episode.person.id,
        encounter=episode.id,
        started=stamp(started),
        series_count=len(series),
        instance_count=sum(one["numberOfInstances"] for one in series),
        act=act["ccam"],
        act_label=act["libelle"],
        diagnosis=episode.diagnosis.code,
        diagnosis_label=episode.diagnosis.label,
        series=series,
    )


def _draw_act(rng: Random, study: Study) -> Row:
    """Draw the act among the indicated ones; outside any indication, among all those of the modality."""
    weighted = [pair for pair in _indicated(study.modality, study.episode) if pair[1] > 0]
    every = [(row, float(row["poids"])) for row in table("imagerie") if row["modalite"] == study.modality]
    return Urn.of(weighted or every, lambda pair: pair[1]).draw(rng)[0]


def _series_of(rng: Random, modality: str) -> list[str]:
    """Give the modality of each series; a PET study carries its CT."""
    return ["CT", "PT"] if modality == "PT" else [modality] * rng.randint(1, 3)


def _series(rng: Random, number: int, modality: str, region: str, started: datetime) -> Resource:
    return template("imaging_series").fill(
        uid=_uid(rng),
        number=number,
        modality=modality,
        region=region,
        instances=rng.randint(*_SLICES[modality]),
        started=stamp(started),
    )


def _uid(rng: Random) -> str:
    """Draw a DICOM UID under the UUID arc (DICOM PS3.5 B.2), which needs no registration."""
    return f"2.25.{rng.getrandbits(128)}"
