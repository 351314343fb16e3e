"""Encounter and Condition resources from the episodes of a patient."""

from synthetic_data.chance import dice
from synthetic_data.clock import stamp
from synthetic_data.episode import Episode
from synthetic_data.identifiers import opaque
from synthetic_data.plan import HospitalPlan
from synthetic_data.staff import doctors, emergency_team, shift_at
from synthetic_data.structures import Resource
from synthetic_data.templates import template
from synthetic_data.visits import outcome_row

_CLASS = {True: ("SS", "short stay"), False: ("IMP", "inpatient encounter")}
_SESSIONS = ("Z49", "Z51.0", "Z51.1")
_PRIORITY = {
    1: ("EM", "emergency"),
    2: ("EM", "emergency"),
    3: ("UR", "urgent"),
    4: ("R", "routine"),
    5: ("R", "routine"),
}
_STAY_TYPES = {
    "U": "Urgent",
    "N": "Newborn (Birth in healthcare facility)",
    "L": "Labor and Delivery",
    "R": "Routine",
    "C": "Elective",
}


def attending(plan: HospitalPlan, episode: Episode) -> str:
    """Give the id of the doctor in charge: of the team on duty for a visit, of the service otherwise."""
    rng = dice(plan.seed, "attending", episode.number)
    if episode.kind != "emergency":
        return rng.choice(doctors(episode.unit.service)).id
    team = emergency_team(episode.unit.site, shift_at(episode.start).team)
    return rng.choice([one for one in team if one.function == "urgentiste"]).id


def encounter(plan: HospitalPlan, episode: Episode) -> Resource:
    """Give the Encounter resource of an episode."""
    shared = {
        "id": episode.id,
        "visit_number": opaque(episode.number, plan.seed + 1, 9),
        "status": "finished" if episode.end else "in-progress",
        "location_status": "completed" if episode.end else "active",
        "patient": episode.person.id,
        "practitioner": attending(plan, episode),
        "start": stamp(episode.start),
        "end": stamp(episode.end) if episode.end else None,
        "location": episode.unit.location,
        "unit": episode.unit.id,
        "diagnosis": episode.diagnosis.code,
        "diagnosis_label": episode.diagnosis.label,
    }
    specific = {"stay": _stay_values, "consultation": _no_values, "emergency": _visit_values}[episode.kind]
    return template(f"encounter_{episode.kind}").fill(**shared, **specific(episode))


def _no_values(_episode: Episode) -> dict[str, str | None]:
    return {}


def _stay_values(episode: Episode) -> dict[str, str | None]:
    code, label = _CLASS[episode.day_hospital]
    stay_type = _stay_type(episode)
    discharge = {"domicile": ("home", "Home"), "deces": ("exp", "Expired"), None: (None, None)}[
        episode.outcome
    ]
    admitted = episode.origin is not None
    return {
        "class_code": code,
        "class_label": label,
        "type_code": stay_type,
        "type_label": _STAY_TYPES[stay_type],
        "origin": episode.origin.location if episode.origin else None,
        "admit_source": "emd" if admitted else "born" if stay_type == "N" else None,
        "admit_source_label": "From accident/emergency department" if admitted else "Born in hospital",
        "discharge": discharge[0],
        "discharge_label": discharge[1],
    }


def _stay_type(episode: Episode) -> str:
    """Give the kind of admission (HL7 table 0007): emergency, newborn, delivery, session or elective."""
    if episode.origin:
        return "U"
    if episode.diagnosis.needs == "naissance":
        return "N"
    if episode.diagnosis.code.startswith(("O60", "O8")):
        return "L"
    return "R" if episode.diagnosis.code.startswith(_SESSIONS) else "C"


def _visit_values(episode: Episode) -> dict[str, str | None]:
    motive = episode.motive
    if motive is None:
        raise ValueError(f"expected a motive on the emergency visit {episode.id}, got none")
    outcome = outcome_row(episode.outcome) if episode.outcome else None
    nurse = next(
        one
        for one in emergency_team(episode.unit.site, shift_at(episode.start).team)
        if one.function == "iao"
    )
    priority, label = _PRIORITY[motive.triage]
    return {
        "triage": str(motive.triage),
        "priority": priority,
        "priority_label": label,
        "motive": motive.code,
        "motive_label": motive.label,
        "triage_nurse": nurse.id,
        "discharge": outcome["code"] if outcome else None,
        "discharge_label": outcome["libelle"] if outcome else None,
        "discharge_text": outcome["texte"] if outcome else None,
    }
