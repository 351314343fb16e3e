"""The application asks for no more than it uses.

Sources: five-levels reference, K-03; OWASP ASVS 5.0 10.2.3.
"""

from collections.abc import Sequence
from urllib.parse import parse_qs

from lab.api import CLIENT, MEDIUM, Exchange, Expect, Scopes, Text, Truth, parse_scopes, probe
from lab.checks.security.used_rights import kind, uses
from lab.checks.traffic import token_requests

_OK = 200
_LEAST = 0.9


@probe(
    "K-03",
    level=3,
    severity=MEDIUM,
    role=CLIENT,
    requirements=("five-levels@K-03",),
    title=Text(fr="Moindre privilège", en="Least privilege"),
    failure=Text(
        fr="L'application demande à l'hôpital bien plus de droits qu'elle n'en utilise.",
        en="The application asks the hospital for many more rights than it uses.",
    ),
    remedy=Text(
        fr="Ne demander au serveur de jetons que les types et les actions utilisés, sans joker ; voir "
        "minimal-permission.json.",
        en="Ask the token server only for the types and actions in use, without a wildcard; see "
        "minimal-permission.json.",
    ),
)
def least_privilege(journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """Compare the scopes asked for in token requests with the rights used during the run."""
    issued = [e for e in token_requests(journal, expect) if e.status == _OK]
    asked, base = _asked(issued), truth.hospital.get("fhir", "")
    used: dict[tuple[str, str], str] = {}
    for exchange in journal:
        for use in uses(exchange, base):
            used.setdefault(use, exchange.id)
    if not asked or not used:
        expect.skip(
            "Les portées demandées ou les droits utilisés ne se lisent pas dans le journal.",
            "The scopes asked for or the rights used cannot be read in the journal.",
        )
    expect.name(*(e.id for e in issued[:1]), *used.values())
    wildcard = sorted(type_ for type_, _ in asked if type_ == "*")
    expect.that(not wildcard, expected="scopes on the types in use", seen="a scope on every type (*)")
    share = len(asked & used.keys()) / len(asked)
    unused = ", ".join(sorted(f"{type_} ({right})" for type_, right in asked - used.keys()))
    expect.should(  # a right may wait for an event that the watch did not see
        share >= _LEAST,
        expected=f"at least {_LEAST:.0%} of the {len(asked)} rights asked for are used",
        seen=f"{share:.0%}, not {unused}",
    )


def _asked(issued: Sequence[Exchange]) -> frozenset[tuple[str, str]]:
    """Return the (type, kind) rights that token requests asked for."""
    rights: set[tuple[str, str]] = set()
    for exchange in issued:
        scopes = _read(" ".join(parse_qs(exchange.request_body).get("scope", ())))
        rights |= {(type_, kind(letter)) for type_, letter in scopes.rights}
        rights |= {(type_, kind(letter)) for type_, letter, _ in scopes.narrowed}
    return frozenset(rights)


def _read(text: str) -> Scopes:
    try:
        return parse_scopes(text)
    except ValueError:
        return Scopes(frozenset())
