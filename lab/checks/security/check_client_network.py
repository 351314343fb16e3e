"""The credentials of the application at the hospital are worth nothing in the network of another application.

Source: five-levels reference, L1-08; OWASP ASVS 5.0 8.2.4.
"""

from dataclasses import replace
from ipaddress import ip_address

from lab.api import (
    CLIENT,
    HIGH,
    NEIGHBOUR_ADDRESS,
    Expect,
    FhirClient,
    Text,
    Truth,
    no_token,
    probe,
    status_of,
)
from lab.checks.granted import policy_of
from lab.checks.security.grant_terms import grant_terms

_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403


@probe(
    "L1-08",
    level=1,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@L1-08",),
    title=Text(fr="Réseau d'une autre application", en="Another application's network"),
    failure=Text(
        fr="Le jeton de l'application sert depuis le réseau d'une autre.",
        en="The token of the application works from the network of another one.",
    ),
    remedy=Text(
        fr="Après avoir reconnu le jeton, comparer l'adresse aux réseaux de sa propre Permission, pas à ceux "
        "de toutes.",
        en="Once the token is known, compare the address with the networks of its own Permission, not with "
        "those of all.",
    ),
)
def network_of_another(grant: FhirClient, truth: Truth, expect: Expect) -> None:
    """Use one token from its network, from that of the neighbour, and show that the neighbour's is let in."""
    type_ = grant_terms(truth, expect).readable[0]
    own = policy_of(truth, expect).networks
    if any(ip_address(NEIGHBOUR_ADDRESS) in network for network in own):
        expect.omit(
            f"La Permission de l'application ouvre aussi {NEIGHBOUR_ADDRESS}, l'adresse de sa voisine.",
            f"The Permission of the application also opens {NEIGHBOUR_ADDRESS}, its neighbour's address.",
        )
    beside = replace(grant, source=NEIGHBOUR_ADDRESS)
    without = replace(beside, authorization=no_token).search(type_, _count=1)
    usual = grant.search(type_, _count=1)
    if without.status != _UNAUTHORIZED or usual.status != _OK:
        expect.name(without, usual)
        expect.skip(
            f"Le réseau voisin n'est pas admis sans jeton ({status_of(without)} au lieu de 401), ou la "
            f"recherche de référence n'aboutit pas ({status_of(usual)}).",
            f"The neighbouring network is not let in without a token ({status_of(without)} instead of 401), "
            f"or the reference search does not succeed ({status_of(usual)}).",
        )
    expect.status(beside.search(type_, _count=1), _FORBIDDEN)
