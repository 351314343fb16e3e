"""From which networks a permit is open: an extension of its rule (R5), the Location of its activity (R6).

No element of Permission holds a range of addresses; ignoring this one would widen access, hence a modifier.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from lab.fhir.permission.extensions import NETWORK, parts
from lab.fhir.permission.form import check_modifier
from lab.fhir.permission.reference import referred
from lab.fhir.permission.refusal import refused
from lab.fhir.policy import Network

_CIDR = re.compile(r"[0-9A-Fa-f.:]{2,45}(/\d{1,3})?")


def networks_of(extensions: Iterable[Mapping[str, Any]], where: str) -> tuple[Network, ...]:
    """Return the networks of the extensions that name some, in one order.

    Raises:
        PermissionRefusedError: one is no network, or there is none.
    """
    networks = {_network(url, text, where) for url, text in parts(extensions, NETWORK)}
    if not networks:
        raise refused(
            where,
            f"la règle permit n'ouvre aucun réseau : ajoutez l'extension {NETWORK} avec cidr.",
            f"the permit rule opens no network: add the extension {NETWORK} with cidr.",
        )
    return tuple(sorted(networks, key=str))


def location_networks(
    activity: Mapping[str, Any],
    where: str,
    resources: Mapping[str, Mapping[str, Any]],
    used: list[Mapping[str, Any]],
) -> tuple[Network, ...]:
    """Return the networks of the Location of an activity of R6, found by reference; it is added to ``used``.

    Raises:
        PermissionRefusedError: there is no Location, or it holds no network.
    """
    place = f"{where}.location"
    if "location" not in activity:
        raise refused(
            place,
            "la règle permit n'ouvre aucun réseau : nommez une Location qui porte les cidr.",
            "the permit rule opens no network: name a Location that carries the cidr.",
        )
    reference = referred(activity["location"], place, ("Location",), contained=True)
    location = resources.get(reference)
    if location is None or location.get("resourceType") != "Location":
        raise refused(
            place,
            f"{reference} n'est ni dans contained ni dans la bibliothèque : ajoutez cette Location.",
            f"{reference} is neither in contained nor in the library: add this Location.",
        )
    if location not in used:
        used.append(location)
    if "modifierExtension" in location or location.get("status", "active") != "active":
        raise refused(
            place,
            f"{reference} n'est pas active, ou porte une modifierExtension : corrigez-la.",
            f"{reference} is not active, or has a modifierExtension: correct it.",
        )
    extensions = location.get("extension", [])
    if not isinstance(extensions, list):
        raise refused(
            place, f"{reference} : extension n'est pas une liste.", f"{reference}: extension is no list."
        )
    ours = [one for one in extensions if isinstance(one, dict) and one.get("url") == NETWORK]
    for one in ours:
        check_modifier(one, f"{reference}.extension")
    return networks_of(ours, place)


def _network(url: str, text: str, where: str) -> Network:
    network = _cidr(text) if url == "cidr" else None
    if network is None:
        raise refused(
            where,
            f"attendu un cidr tel que 10.31.0.0/16 ou 2001:db8:31::/48, vu {text!r} : corrigez.",
            f"expected a cidr such as 10.31.0.0/16 or 2001:db8:31::/48, saw {text!r}: correct it.",
        )
    return network


@lru_cache(maxsize=1024)
def _cidr(text: str) -> Network | None:
    try:
        return ip_network(text) if _CIDR.fullmatch(text) else None
    except ValueError:
        return None
