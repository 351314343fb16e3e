"""A permit rule: what it opens, to which activities, from where, and what of it stays hidden."""

from collections.abc import Mapping
from typing import Any

from lab.fhir.cohort import WHOLE, Cohort, TooManyClausesError, of_pool
from lab.fhir.element_path import ElementPath
from lab.fhir.permission.activities import activities_of
from lab.fhir.permission.data import selection
from lab.fhir.permission.extensions import KNOWN, check_only
from lab.fhir.permission.limits import extension_masks, limit_masks
from lab.fhir.permission.networks import location_networks, networks_of
from lab.fhir.permission.reading import Placed, Reading
from lab.fhir.permission.refusal import Gathering, refused
from lab.fhir.policy import Activity, Network, Permit
from lab.model.release import Release

Rule = Mapping[str, Any]


def permit_of(rule: Rule, where: str, reading: Reading) -> Placed:
    """Compile a permit rule.

    Raises:
        PermissionRefusedError: parts of it cannot be enforced exactly as written; it names them all.
    """
    gathering = Gathering()
    cohorts: dict[str, Cohort] = {}
    activities: set[Activity] = set()
    networks: set[tuple[Network, ...]] = set()
    masks: list[ElementPath] = []
    for name in ("data", "activity"):
        if name not in rule:
            with gathering.part():
                raise refused(
                    where,
                    f"il manque {name} : la règle permit ouvrirait tout, écrivez-le.",
                    f"{name} is missing: the permit rule would open everything, write it.",
                )
    for number, data in enumerate(rule.get("data", [])):
        with gathering.part():
            _open(data, f"{where}.data[{number}]", cohorts, reading.release)
    for number, activity in enumerate(rule.get("activity", [])):
        place = f"{where}.activity[{number}]"
        with gathering.part():
            activities |= activities_of(activity, place, reading.client_id, reading.form)
        if reading.form == "R6":
            with gathering.part():
                networks.add(location_networks(activity, place, reading.resources, reading.used))
    modifiers = rule.get("modifierExtension", [])
    if reading.form == "R5":
        with gathering.part():
            check_only(modifiers, KNOWN, f"{where}.modifierExtension")
            networks.add(networks_of(modifiers, f"{where}.modifierExtension"))
    with gathering.part():
        masks += extension_masks(modifiers, f"{where}.modifierExtension", reading.release)
    for number, limit in enumerate(rule.get("limit", [])):
        with gathering.part():
            masks += limit_masks(limit, f"{where}.limit[{number}]", reading.release)
    with gathering.part():
        check_one_network(networks, where)
    gathering.end()
    permit = Permit(cohorts, frozenset(activities), tuple(dict.fromkeys(masks)))
    return Placed(permit, networks.pop())


def check_one_network(networks: set[tuple[Network, ...]], where: str) -> None:
    """Check that what is open is open from the same networks.

    Raises:
        PermissionRefusedError: it is not; the gateway decides on the network before it knows the request.
    """
    if len(networks) > 1:
        raise refused(
            where,
            "les règles ouvrent des réseaux différents : donnez les mêmes cidr à chacune.",
            "the rules open different networks: give the same cidr to each.",
        )


def _open(data: Rule, where: str, cohorts: dict[str, Cohort], release: Release) -> None:
    selected = selection(data, where, release)
    if selected.type is None:
        raise refused(
            where,
            "il manque le type de ressource : écrivez expression (R5) ou resourceType (R6).",
            "the resource type is missing: write expression (R5) or resourceType (R6).",
        )
    cohort = WHOLE
    for pool in selected.pools:
        cohort = cohort.and_also(of_pool(pool))
    known = cohorts.get(selected.type)
    try:
        cohorts[selected.type] = cohort if known is None else known.or_else(cohort)
    except TooManyClausesError as error:
        raise refused(where, f"trop de conditions mêlées : {error}", f"too entangled: {error}") from None
