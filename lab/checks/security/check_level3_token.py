"""Level 3, resource type: a token request never brings more than what is registered.

Specs: RFC 6749 sections 3.3 and 5.1; https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from collections.abc import Iterator

from lab.api import (
    CRITICAL,
    HIGH,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    SmartEndpoint,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.sample import declared
from lab.checks.security.both_sides import in_scope
from lab.checks.security.granted import beyond
from lab.checks.security.likeness import answered, difference
from lab.checks.security.refused import refused
from lab.checks.security.restriction import restriction
from lab.checks.wording import quoted

_OK = 200
_REFUSALS = frozenset({400, 401, 403})
_PURPOSE = "HRESCH"
_CODED = "http://terminology.hl7.org/CodeSystem/v3-ActReason|HRESCH"


@probe(
    "L3-04",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-04",),
    title=Text(fr="Escalade de portées", en="Scope escalation at the token endpoint"),
    failure=Text(
        fr="En demandant plus de portées, un client en obtient plus que celles de son enregistrement.",
        en="By asking for more scopes, a client gets more than those of its registration.",
    ),
    remedy=Text(
        fr="Accorder l'intersection des portées demandées et enregistrées, et la dire dans la réponse "
        "(scope).",
        en="Grant the intersection of the scopes asked and registered, and say it in the answer (scope).",
    ),
)
def scope_escalation(
    fhir: FhirClient, restricted: FhirClient, endpoint: SmartEndpoint, truth: Truth, expect: Expect
) -> None:
    """Ask for everything in three ways; what is granted is compared, then used on closed types."""
    _control(endpoint, expect)
    closed = _closed(fhir, truth, expect)
    for asked in ("system/*.cruds", "system/*.*", f"{endpoint.scopes} system/*.cruds"):
        reply = endpoint.ask(scope=asked)
        _never_wider(reply, endpoint.scopes, asked, expect)
        for token in _tokens(reply):
            _useless_on(closed, restricted, token, expect)


@probe(
    "L3-05",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-05",),
    title=Text(fr="Écritures de portées", en="Scope v1/v2 syntax, letter order and unicode"),
    failure=Text(
        fr="Une portée écrite autrement (version 1, ordre des lettres, espace Unicode) ouvre plus que prévu.",
        en="A scope spelt otherwise (version 1, order of letters, Unicode space) opens more than is "
        "registered.",
    ),
    remedy=Text(
        fr="Lire les portées selon une grammaire fermée ; répondre invalid_scope à ce qui n'en est pas.",
        en="Read scopes by a closed grammar; answer invalid_scope to what is not of it.",
    ),
)
def scope_syntax(
    fhir: FhirClient, restricted: FhirClient, endpoint: SmartEndpoint, truth: Truth, expect: Expect
) -> None:
    """Ask for a registered type in seven odd spellings: granted as registered, or refused, never wider."""
    _control(endpoint, expect)
    type_ = in_scope(fhir, restricted, restriction(truth, expect), expect).type
    closed = _closed(fhir, truth, expect)
    for asked in (
        f"system/{type_}.read",
        f"system/{type_}.sr",
        f"system/{type_}.rs\u2003",
        f"system/{type_}.rs\u00a0system/*.cruds",
        f"SYSTEM/{type_.upper()}.CRUDS",
        "system/*.c\u200bruds",
        f"system/{type_}.rs\tsystem/*.rs",
    ):
        reply = endpoint.ask(scope=asked)
        _never_wider(reply, endpoint.scopes, quoted(asked), expect)
        for token in _tokens(reply):
            _useless_on(closed, restricted, token, expect)


@probe(
    "L3-20",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-20",),
    title=Text(fr="Changement de finalité", en="Purpose-of-use escalation"),
    failure=Text(
        fr="Une finalité que l'appelant écrit lui-même change ce qu'il obtient.",
        en="A purpose that the caller writes itself changes what it gets.",
    ),
    remedy=Text(
        fr="Décider sur la finalité enregistrée ; ignorer X-Purpose-Of-Use et les finalités de la demande de "
        "jeton, ou répondre 403.",
        en="Decide on the registered purpose; ignore X-Purpose-Of-Use and the purposes of the token request, "
        "or answer 403.",
    ),
)
def purpose_escalation(
    fhir: FhirClient,
    restricted: FhirClient,
    own_endpoint: SmartEndpoint | None,
    cohort: Cohort,
    truth: Truth,
    expect: Expect,
) -> None:
    """Claim research in a header, then in the token request: nothing changes, or it is refused."""
    inside, outside = f"Patient/{cohort.inside[0]}", f"Patient/{cohort.outside[0]}"
    paths = (
        inside,
        outside,
        "Patient?_count=5",
        *(f"{type_}?_count=1" for type_ in _closed(fhir, truth, expect)),
    )
    claims = [{"X-Purpose-Of-Use": _PURPOSE}, {"X-Purpose-Of-Use": _CODED, "Purpose-Of-Use": _PURPOSE}]
    plain = {path: (restricted.get(path), restricted.get(path)) for path in paths}
    if plain[inside][0].status != _OK or plain[inside][0].type != "Patient":
        expect.name(plain[inside][0])
        expect.skip(
            f"La lecture de référence n'aboutit pas ({status_of(plain[inside][0])}).",
            f"The reference read does not succeed ({status_of(plain[inside][0])}).",
        )
    if own_endpoint is not None:
        claims += [{"Authorization": token} for token in _research_tokens(own_endpoint, expect)]
    for headers in claims:
        for path, before in plain.items():
            _unchanged(restricted.get(path, headers=headers), before, path, expect)


def _control(endpoint: SmartEndpoint, expect: Expect) -> None:
    reply = endpoint.ask()
    if not list(_tokens(reply)):
        expect.name(reply)
        expect.skip(
            f"Les portées enregistrées elles-mêmes n'obtiennent pas de jeton ({status_of(reply)}).",
            f"Even the registered scopes get no token ({status_of(reply)}).",
        )


def _closed(fhir: FhirClient, truth: Truth, expect: Expect) -> list[str]:
    limits = restriction(truth, expect)
    types = [t for t, codes in declared(fhir).items() if "search-type" in codes and limits.closes(t)]
    return types[:2]


def _tokens(reply: Reply) -> Iterator[str]:
    token = reply.json.get("access_token") if isinstance(reply.json, dict) else None
    if reply.status == _OK and isinstance(token, str) and token:
        yield f"Bearer {token}"


def _never_wider(reply: Reply, registered: str, asked: str, expect: Expect) -> None:
    """Expect a refusal, or a grant that says what it is and stays within the registration."""
    if reply.status in _REFUSALS and not list(_tokens(reply)):
        expect.name(reply)
        return
    expect.status(reply, _OK, *sorted(_REFUSALS))
    granted = reply.json.get("scope") if isinstance(reply.json, dict) else None
    expect.that(
        isinstance(granted, str),
        expected="the scope granted, which is not the one asked for",
        seen=f"no scope for {asked}",
        evidence=[reply],
    )
    wider = beyond(str(granted), registered)
    expect.that(
        not wider,
        expected="no more than the registered scopes",
        seen=f"{', '.join(map(quoted, wider[:5]))} for {asked}",
        evidence=[reply],
    )


def _useless_on(closed: list[str], restricted: FhirClient, token: str, expect: Expect) -> None:
    for type_ in closed:
        reply = restricted.get(f"{type_}?_count=1", headers={"Authorization": token})
        refused(reply, expect, 401, 403, 404, sent=f"{type_} with the token")


def _research_tokens(endpoint: SmartEndpoint, expect: Expect) -> Iterator[str]:
    """Ask for a token for research, in the form and in the assertion (FAST/UDAP B2B extension)."""
    business = {"hl7-b2b": {"version": "1", "purpose_of_use": [_CODED]}}
    assertion = endpoint.assertion({"purpose_of_use": _PURPOSE, "extensions": business})
    for reply in (
        endpoint.ask(purpose_of_use=_PURPOSE, purpose=_PURPOSE),
        endpoint.ask(assertion=assertion),
    ):
        answered(reply, expect)
        if reply.status not in _REFUSALS:
            granted = reply.json.get("scope", "") if isinstance(reply.json, dict) else ""
            wider = beyond(str(granted), endpoint.scopes)
            expect.that(
                not wider,
                expected="no more than the registered scopes",
                seen=f"{', '.join(map(quoted, wider[:5]))} for {_PURPOSE}",
                evidence=[reply],
            )
            yield from _tokens(reply)


def _unchanged(reply: Reply, before: tuple[Reply, Reply], path: str, expect: Expect) -> None:
    if reply.status in _REFUSALS:
        expect.name(reply)
        return
    seen = difference(reply, path, (before[0], path), (before[1], path))
    if not seen and before[0].ids == before[1].ids and reply.ids != before[0].ids:
        seen = "other matches"
    expect.that(
        not seen,
        expected="the same answer, or 403",
        seen=f"{seen} for {path.partition('?')[0]}",
        evidence=[reply, *before],
    )
