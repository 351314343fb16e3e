"""Why one request is decided as it is: the levels that it passes, or the first that refuses it, and why.

Levels 3 to 5 are decided by the gateway's own functions. Nothing is sent: the token is supposed to be in
force, and whether a resource is in its cohort is known to the hospital only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import inf

from lab.authserver.registry import Registration
from lab.authserver.tokens import Grant
from lab.fhir.interaction import Interaction
from lab.fhir.policy import Policy
from lab.fhir.request import FhirRequest, parse
from lab.fhir.scopes import Scopes
from lab.gateway import bundle, level1_network
from lab.gateway.decision import answer
from lab.gateway.ruling import Ruling, rule_on
from lab.model.text import Text
from lab.policy import words
from lab.policy.reasons import in_both

LEVELS = {
    1: Text("réseau", "network"),
    2: Text("application", "application"),
    3: Text("type de ressource", "resource type"),
    4: Text("ressources", "specific resources"),
    5: Text("données", "data"),
}


@dataclass(frozen=True)
class Step:
    """What one level says; ``status`` is that of the answer when it refuses, 0 when it allows.

    What is not ``checked`` is supposed: nothing here can tell.
    """

    level: int
    rule: Text
    reason: Text
    status: int = 0
    checked: bool = True


@dataclass(frozen=True)
class Inquirer:
    """The application in whose name requests are explained; without ``peer``, level 1 is not asked."""

    client_id: str
    scopes: Scopes
    policy: Policy
    purpose: str
    today: date
    peer: str = ""


def request_of(method: str, target: str, body: bytes = b"") -> FhirRequest:
    """Return the request of a method and a target (``/Patient?name=x``, with or without ``/fhir``).

    Raises:
        FhirError: it is none of the gateway.
    """
    path, _, query = target.partition("?")
    path = path.removeprefix("/fhir") if path == "/fhir" or path.startswith("/fhir/") else path
    return parse(method.upper(), path, query, {}, body, base_url="http://hospital/fhir")


def entries_of(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return what is decided one by one: the entries of a batch, or the request itself.

    Raises:
        FhirError: an entry is no request of the gateway.
    """
    return bundle.entries(request) if request.interaction is Interaction.BATCH else (request,)


def steps(asker: Inquirer, request: FhirRequest) -> tuple[Step, ...]:
    """Return what each level says of a request, up to the first refusal.

    Raises:
        FhirError: what it reads on its way is no request of the gateway.
    """
    before = tuple(_before(asker))
    if any(step.status for step in before):
        return before
    whole = request.interaction is Interaction.TRANSACTION
    asked = (request, *bundle.entries(request)) if whole else (request,)
    reads = [read for one in asked for read in bundle.on_the_way(one)]
    reads += bundle.conditional_references(request) if whole else ()
    grant = Grant(asker.client_id, asker.scopes, inf)
    registration = Registration(asker.client_id, {}, asker.scopes, asker.policy, asker.purpose)
    ruling = rule_on((*asked, *reads), grant, registration, asker.today)
    return (*before, *_after(asker, request, ruling))


def _before(asker: Inquirer) -> Iterator[Step]:
    if asker.peer:
        decision = level1_network.decide(asker.peer, asker.policy.networks)
        status = 0 if decision.allow else answer(decision).status
        yield Step(1, in_both(decision.rule), in_both(decision.reason), status)
        if not decision.allow:
            return
    else:
        named = [Text(str(network), str(network)) for network in asker.policy.networks]
        networks = words.listed(named, "ou", "or") if named else Text("aucun réseau", "no network")
        yield Step(
            1,
            networks,
            Text("non vérifié ici : donnez --from ADRESSE", "not checked here: give --from ADDRESS"),
            checked=False,
        )
    application = f"application {asker.client_id}"
    yield Step(
        2,
        Text(application, application),
        Text("supposée porter un jeton en vigueur", "supposed to carry a token in force"),
        checked=False,
    )


def _after(asker: Inquirer, request: FhirRequest, ruling: Ruling) -> Iterator[Step]:
    decision = ruling.decision
    refused = 0 if decision.allow else answer(decision).status
    if decision.level == 3:
        yield Step(3, in_both(decision.rule), in_both(decision.reason), refused)
        if refused:
            return
    else:
        yield Step(3, *_opening(asker, request))
    yield Step(4, *_view(request, ruling))
    if decision.level == 5:
        yield Step(5, in_both(decision.rule), in_both(decision.reason), refused)


def _opening(asker: Inquirer, request: FhirRequest) -> tuple[Text, Text]:
    """Return which permits open the request: the name of the Permission, and their numbers."""
    activity = (request.interaction, asker.purpose)
    numbers = [
        str(number)
        for number, permit in enumerate(asker.policy.permits, start=1)
        if activity in permit.activities
        and permit.validity.holds(asker.today)
        and (request.type in permit.cohorts or request.type is None)
    ]
    name = f"Permission {asker.policy.id}"
    which = ", ".join(numbers)
    rule = Text(f"{name}, ouverture {which}", f"{name}, opening {which}") if numbers else Text(name, name)
    done = words.interaction(request.interaction)
    type_ = request.type or "*"
    return rule, Text(
        f"le scope et la règle ouvrent : {done.fr} {type_}", f"scope and rule open: {done.en} {type_}"
    )


def _view(request: FhirRequest, ruling: Ruling) -> tuple[Text, Text]:
    others = [type_ for type_ in ruling.view.cohorts if type_ != request.type]
    seen = ", ".join(sorted(others)) or "-"
    inside = Text("cohorte", "cohort")
    if request.type is not None and ruling.view.sees(request.type):
        held = words.cohort(ruling.view.cohort(request.type))
        inside = Text(f"{request.type} : {held.fr}", f"{request.type}: {held.en}")
    return inside, Text(
        f"le reste est comme s'il n'existait pas ; include et chaînes voient aussi : {seen}",
        f"the rest is as if it did not exist; includes and chains also see: {seen}",
    )
