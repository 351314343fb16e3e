"""A deny rule: which types it takes away, whole or where a pool reaches, and from which activities.

A denial must hold whenever a permit would open; whatever would let it lapse is refused. The networks that it
names, if any, must be those of the permits.
"""

from collections.abc import Mapping
from typing import Any

from lab.fhir.cohort import LABEL
from lab.fhir.permission.activities import Pattern, patterns
from lab.fhir.permission.data import selection
from lab.fhir.permission.extensions import NETWORK, check_only
from lab.fhir.permission.networks import location_networks, networks_of
from lab.fhir.permission.reading import Reading, Taking
from lab.fhir.permission.refusal import Gathering, refused
from lab.fhir.policy import Network
from lab.model.release import Release

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ANY = "*"


def denial_of(rule: Mapping[str, Any], where: str, reading: Reading) -> Taking:
    """Compile a deny rule.

    Raises:
        PermissionRefusedError: parts of it cannot be enforced exactly as written; it names them all.
    """
    gathering = Gathering()
    networks: set[tuple[Network, ...]] = set()
    if "limit" in rule:
        with gathering.part():
            raise refused(
                f"{where}.limit",
                "une règle deny ne masque rien : écrivez le masque dans la règle permit.",
                "a deny rule masks nothing: write the mask in the permit rule.",
            )
    if "modifierExtension" in rule:
        with gathering.part():
            check_only(rule["modifierExtension"], (NETWORK,), f"{where}.modifierExtension")
            networks.add(networks_of(rule["modifierExtension"], f"{where}.modifierExtension"))
    pools: dict[str, frozenset[str]] = {} if "data" in rule else {_ANY: frozenset()}
    for number, data in enumerate(rule.get("data", [])):
        with gathering.part():
            _take(data, f"{where}.data[{number}]", pools, reading.release)
    taken_from: list[Pattern] = []
    for number, activity in enumerate(rule.get("activity", [])):
        place = f"{where}.activity[{number}]"
        with gathering.part():
            taken_from += patterns(activity, place, reading.client_id, reading.form)
        if "location" in activity:
            with gathering.part():
                networks.add(location_networks(activity, place, reading.resources, reading.used))
    gathering.end()
    return Taking(pools, tuple(taken_from) if "activity" in rule else None, frozenset(networks))


def _take(data: Mapping[str, Any], where: str, pools: dict[str, frozenset[str]], release: Release) -> None:
    selected = selection(data, where, release)
    if len(selected.pools) > 1:
        raise refused(
            where,
            "une règle deny porte sur une seule condition par data (Group, List ou étiquette) : "
            "écrivez un data par condition, la règle retire alors davantage.",
            "a deny rule has one condition in each data (Group, List or label): write one data for each "
            "condition, the rule then takes away more.",
        )
    if any(pool.startswith(f"{LABEL}{CONFIDENTIALITY}|") for pool in selected.pools):
        raise refused(
            where,
            "une étiquette de confidentialité vaut aussi pour les niveaux inférieurs, la passerelle compare "
            "des codes : utilisez une étiquette d'un autre system.",
            "a confidentiality label also stands for the lower levels, and the gateway compares codes: "
            "use a label of another system.",
        )
    type_ = selected.type or _ANY
    taken = frozenset(selected.pools)
    # No pool takes the whole type: nothing that another data takes of it is left to take.
    whole = not taken or pools.get(type_) == frozenset()
    pools[type_] = frozenset() if whole else pools.get(type_, frozenset()) | taken
