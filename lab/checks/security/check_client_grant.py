"""The credentials of the application at the hospital: no more than its grant, from its network only.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html; OWASP ASVS 5.0 10.2.3.
"""

from lab.api import (
    CLIENT,
    CRITICAL,
    HIGH,
    LOW,
    Exchange,
    Expect,
    FhirClient,
    Scopes,
    SmartEndpoint,
    Text,
    Truth,
    parse_scopes,
    probe,
    status_of,
)
from lab.checks.sample import declared
from lab.checks.security.grant_terms import grant_terms
from lab.checks.security.used_rights import kind, uses
from lab.checks.wording import quoted

_OK = 200


@probe(
    "L1-09",
    level=1,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@L1-09",),
    title=Text(fr="Réseau vérifié à chaque requête", en="Network checked on every request"),
    failure=Text(
        fr="Un jeton obtenu d'une adresse autorisée sert depuis une adresse refusée.",
        en="A token obtained from an allowed address works from a refused one.",
    ),
    remedy=Text(
        fr="Vérifier le réseau à chaque requête, pas seulement à l'émission du jeton.",
        en="Check the network on every request, not only when the token is issued.",
    ),
)
def network_on_each_request(
    grant: FhirClient, grant_stranger: FhirClient, truth: Truth, expect: Expect
) -> None:
    """Use one token from the allowed address, from another one, and from the allowed one again."""
    type_ = grant_terms(truth, expect).readable[0]
    before, moved, after = (client.search(type_, _count=1) for client in (grant, grant_stranger, grant))
    if {before.status, after.status} != {_OK}:
        expect.name(before, after)
        expect.skip(
            f"La recherche de référence, d'une adresse autorisée, n'aboutit pas ({status_of(before)}).",
            f"The reference search, from an allowed address, does not succeed ({status_of(before)}).",
        )
    expect.status(moved, 403)


@probe(
    "L3-04-C",
    level=3,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L3-04",),
    title=Text(fr="Escalade de portées", en="Scope escalation at the token endpoint"),
    failure=Text(
        fr="En demandant plus de portées, l'application en obtient plus que celles de son enregistrement.",
        en="By asking for more scopes, the application gets more than those of its registration.",
    ),
    remedy=Text(
        fr="Accorder l'intersection des portées demandées et enregistrées, et la dire dans la réponse "
        "(scope).",
        en="Grant the intersection of the scopes asked and registered, and say it in the answer (scope).",
    ),
)
def scope_escalation(grant: FhirClient, smart: SmartEndpoint, truth: Truth, expect: Expect) -> None:
    """Ask for everything; compare what is granted, then use it on a type that is not registered."""
    terms = grant_terms(truth, expect)
    reply = smart.ask(scope="system/*.cruds")
    answer = reply.json if isinstance(reply.json, dict) else {}
    if reply.status in {400, 401} and "access_token" not in answer:
        return
    expect.status(reply, _OK)
    said = answer.get("scope")
    expect.that(isinstance(said, str), expected="the scope granted", seen="no scope", evidence=[reply])
    wider = _beyond(str(said), terms.scopes)
    expect.that(wider is not None, expected="scopes of SMART", seen=quoted(said), evidence=[reply])
    seen = ", ".join((wider or [])[:5])
    expect.that(not seen, expected="no more than the registered scopes", seen=seen, evidence=[reply])
    token = {"Authorization": f"Bearer {answer.get('access_token')}"}
    opened = {type_ for type_, letter in terms.rights if letter in "rs"}
    closed = [
        type_ for type_, codes in declared(grant).items() if "search-type" in codes and type_ not in opened
    ]
    if closed and "*" not in opened:
        expect.status(grant.get(closed[0], {"_count": 1}, headers=token), 403)


@probe(
    "L3-22",
    level=3,
    severity=LOW,
    role=CLIENT,
    requirements=("five-levels@L3-22",),
    title=Text(fr="Portées inutilisées", en="Unused scopes"),
    failure=Text(
        fr="L'application demande des portées dont elle ne s'est pas servie.",
        en="The application asks for scopes that it did not use.",
    ),
    remedy=Text(
        fr="Ne demander que les types que l'application lit ou écrit vraiment.",
        en="Ask only for the types that the application really reads or writes.",
    ),
)
def unused_scopes(journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """Compare the registered types with those searched, read, written or included during the run."""
    base = truth.hospital.get("fhir", "")
    used: dict[tuple[str, str], str] = {}
    for exchange in journal:
        for use in uses(exchange, base):
            used.setdefault(use, exchange.id)
    if not used:
        expect.skip(
            "L'application n'a fait aucune requête FHIR aboutie.",
            "The application made no FHIR request that succeeded.",
        )
    registered = {(type_, kind(letter)) for type_, letter in grant_terms(truth, expect).rights}
    expect.name(*used.values())
    unused = sorted(f"{type_} ({kind})" for type_, kind in registered - used.keys())
    expect.should(
        not unused,
        expected=f"{len(registered)} rights used",
        seen=f"{len(registered) - len(unused)} used, not {', '.join(unused)}",
    )


def _beyond(granted: str, registered: Scopes) -> list[str] | None:
    """Return the rights granted beyond those registered, None when the scopes cannot be read."""
    try:
        scopes = parse_scopes(granted)
    except ValueError:
        return None
    whole = [f"{t}.{letter}" for t, letter in sorted(scopes.rights) if not registered.holds(t, letter)]
    parts = sorted(one for one in scopes.narrowed - registered.narrowed if not registered.holds(*one[:2]))
    return whole + [f"{t}.{letter}?{query}" for t, letter, query in parts]
