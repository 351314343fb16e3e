"""Level 3, resource type: operations and method overrides are no way around the scopes.

Spec: https://hl7.org/fhir/R4/operations.html; CWE-650.
"""

from lab.api import CRITICAL, HIGH, SERVER, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.sample import declared, sample
from lab.checks.security.likeness import answered
from lab.checks.security.links import visible_ids
from lab.checks.security.restriction import Restriction, restriction

_UNKNOWN = "$lab-unknown"
_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_ALWAYS = frozenset({"Bundle", "OperationOutcome", "Parameters"})


@probe(
    "L3-13",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-13",),
    title=Text(fr="Opérations", en="Operations"),
    failure=Text(
        fr="Une opération sert des types que les portées n'ouvrent pas, ou une opération inconnue est "
        "servie.",
        en="An operation serves types that the scopes do not open, or an unknown operation is served.",
    ),
    remedy=Text(
        fr="Refuser toute opération qui n'est pas nommée par la politique ; réduire $everything aux types "
        "ouverts.",
        en="Refuse every operation that the policy does not name; narrow $everything to the types in scope.",
    ),
)
def operations(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Call ``$everything``, ``$graphql``, ``$export`` and an unknown operation with the restricted token."""
    limits = restriction(truth, expect)
    type_ = "Patient" if limits.opens("Patient", "s") else sample(restricted, expect).type
    found = visible_ids(restricted, type_, 3)
    if not found:
        expect.skip(
            f"L'identité restreinte ne trouve aucune ressource {type_} sur laquelle appeler une opération.",
            f"The restricted identity finds no {type_} to call an operation on.",
        )
    for path in (_UNKNOWN, f"{type_}/{_UNKNOWN}", f"{type_}/{found[0]}/{_UNKNOWN}"):
        expect.status(restricted.get(path), 400, 403, 404, 405, 501)
    whole = [fhir.get(f"{type_}/{id_}/$everything") for id_ in found]
    richest = max(range(len(found)), key=lambda place: len(whole[place].entries))
    for path in (f"{type_}/{found[richest]}/$everything", f"{type_}/$everything?_count=5"):
        _within(restricted.get(path), limits, path, expect)
    for closed in [name for name in declared(fhir) if limits.closes(name)][:1]:
        reply = restricted.get("$graphql", {"query": f"{{{closed}List{{id}}}}"})
        data = reply.json.get("data") if isinstance(reply.json, dict) else None
        told = any(data.values()) if isinstance(data, dict) else False
        expect.that(not told, expected="no data by $graphql", seen=f"{closed} resources", evidence=[reply])
        export = restricted.get("$export", {"_type": closed}, headers={"Prefer": "respond-async"})
        answered(export, expect)
        expect.that(
            export.status >= 400,
            expected=f"no export of {closed}",
            seen=status_of(export),
            evidence=[export],
        )


@probe(
    "L3-14",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-14",),
    title=Text(fr="Méthode HTTP détournée", en="Method override"),
    failure=Text(
        fr="Un en-tête ou un paramètre change la méthode après qu'elle a été décidée.",
        en="A header or a parameter changes the method after it was decided on.",
    ),
    remedy=Text(
        fr="Refuser par 400, ou ignorer, X-HTTP-Method-Override et _method : retirer le composant qui les "
        "lit.",
        en="Refuse with 400, or ignore, X-HTTP-Method-Override and _method: remove the component that reads "
        "them.",
    ),
)
def method_override(fhir: FhirClient, expect: Expect) -> None:
    """Ask a POST to become a GET of what exists, and a DELETE of what does not: nothing can be lost."""
    found = sample(fhir, expect)
    existing, unknown = f"{found.type}/{found.resources[0]['id']}", f"{found.type}/lab-no-such-id"
    control = fhir.get(existing)
    if control.status != 200:
        expect.skip(
            f"La lecture de référence n'aboutit pas ({status_of(control)}).",
            f"The reference read does not succeed ({status_of(control)}).",
        )
    plain = fhir.request("POST", unknown)
    for header in _OVERRIDES:
        _ignored(fhir.request("POST", existing, headers={header: "GET"}), plain, f"{header}: GET", expect)
        _ignored(
            fhir.request("POST", unknown, headers={header: "DELETE"}), plain, f"{header}: DELETE", expect
        )
    for path, method in ((existing, "GET"), (unknown, "DELETE")):
        _ignored(fhir.request("POST", f"{path}?_method={method}"), plain, f"_method={method}", expect)


def _within(reply: Reply, limits: Restriction, path: str, expect: Expect) -> None:
    answered(reply, expect)
    types = {str(resource.get("resourceType")) for resource in reply.resources()} | {reply.type}
    leaked = sorted(type_ for type_ in types - _ALWAYS - {""} if limits.closes(type_))
    expect.that(
        not leaked,
        expected="a refusal, or types in scope only",
        seen=f"{status_of(reply)} with {', '.join(leaked) or 'nothing'} by {path.partition('?')[0]}",
        evidence=[reply],
    )


def _ignored(reply: Reply, plain: Reply, sent: str, expect: Expect) -> None:
    """Expect the answer of a plain POST there, or a refusal of the header itself."""
    expect.that(
        reply.status in {plain.status, 400, 403, 405, 501} and not 200 <= reply.status < 300,
        expected=f"HTTP {plain.status} as without it, or 400",
        seen=f"{status_of(reply)} with {sent}",
        evidence=[plain, reply],
    )
