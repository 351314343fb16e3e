"""Level 3, resource type: another method, another spelling or the root of the server is no way around.

Specs: https://hl7.org/fhir/R4/http.html (URLs are case sensitive), RFC 9110 section 9.1, CWE-178.
"""

from lab.api import HIGH, MEDIUM, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.security.both_sides import in_scope, out_of_scope
from lab.checks.security.likeness import answered
from lab.checks.security.raw_request import base_path, control, head, sent
from lab.checks.security.refused import no_data, refused
from lab.checks.security.restriction import restriction
from lab.checks.security.unserved import unserved

_OK = 200
_NOT_DONE = (400, 403, 404, 405, 501)


@probe(
    "L3-10",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-10",),
    title=Text(fr="Recherche à la racine", en="Root-level search"),
    failure=Text(
        fr="Une recherche sur tous les types rend des ressources d'un type que les portées n'ouvrent pas.",
        en="A search across types gives resources of a type that the scopes do not open.",
    ),
    remedy=Text(
        fr="Décider de chaque type d'une recherche à la racine comme d'une recherche sur lui seul.",
        en="Decide on each type of a search at the root as of a search on it alone.",
    ),
)
def root_search(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search at the root with and without ``_type``, by GET and POST."""
    limits = restriction(truth, expect)
    closed, _ = out_of_scope(fhir, limits, expect)
    types = ",".join([closed.type, *(["Patient"] if limits.opens("Patient", "s") else [])])
    form = f"_type={types}&_count=5"
    asked = (f"?_type={types}&_count=5", f"?_type={closed.type}", f"?_id={closed.id}", "?_count=20")
    controls = [fhir.get(query) for query in asked] + [_posted(fhir, form)]
    replies = [restricted.get(query) for query in asked] + [_posted(restricted, form)]
    for query, reply in zip((*asked, "POST _search"), replies, strict=True):
        answered(reply, expect)
        leaked = sorted({t for t in _types(reply) if limits.closes(t)} - {"OperationOutcome", "Bundle"})
        expect.that(
            not leaked,
            expected="403, or types in scope only",
            seen=f"{', '.join(leaked[:3])} by {query[:60]}",
            evidence=[reply],
        )
    if not any(closed.type in _types(reply) for reply in controls):
        unserved(Text(fr="la recherche à la racine", en="search at the root"), controls, expect)


@probe(
    "L3-15",
    level=3,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L3-15",),
    title=Text(fr="Méthodes HTTP inattendues", en="Odd HTTP methods"),
    failure=Text(
        fr="Une méthode HTTP que FHIR ne connaît pas est servie.",
        en="An HTTP method that FHIR does not know is served.",
    ),
    remedy=Text(
        fr="N'accepter que les méthodes de FHIR, en majuscules ; répondre 405 ou 501 aux autres.",
        en="Accept only the methods of FHIR, in upper case; answer 405 or 501 to others.",
    ),
)
def odd_methods(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Send TRACE, PROPFIND, TRACK and a lower-case get, as bytes, to a resource that a GET reads."""
    found = in_scope(fhir, restricted, restriction(truth, expect), expect)
    control(restricted, found.path, expect)
    for method in ("TRACE", "PROPFIND", "TRACK", "get"):
        line = f"{method} {base_path(restricted)}/{found.path} HTTP/1.1"
        reply = sent(restricted, head(restricted, line, "X-Lab-Echo: lab-echo-5d1c"), method)
        refused(reply, expect, *_NOT_DONE, sent=method)
        expect.that(
            "lab-echo-5d1c" not in reply.text,
            expected="no echo of the request",
            seen=f"its headers in the answer to {method}",
            evidence=[reply],
        )


@probe(
    "L3-19",
    level=3,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L3-19",),
    title=Text(fr="Casse et fin des chemins", en="Letter case and path endings"),
    failure=Text(
        fr="Une autre écriture du chemin est servie : les règles écrites pour la bonne peuvent ne pas la "
        "voir.",
        en="Another spelling of the path is served: rules written for the right one may not see it.",
    ),
    remedy=Text(
        fr="Ne servir que l'écriture exacte des chemins de FHIR ; répondre 404 ou 400 aux autres, avant "
        "toute règle.",
        en="Serve only the exact spelling of FHIR paths; answer 404 or 400 to others, before any rule.",
    ),
)
def spellings(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for a closed resource, then for one in scope, in odd spellings."""
    limits = restriction(truth, expect)
    ours = in_scope(fhir, restricted, limits, expect)
    control(restricted, ours.path, expect)
    closed, _ = out_of_scope(fhir, limits, expect)
    for path in (*_spelt(closed.type, closed.id), *_spelt(closed.type, "")):
        reply = _asked(restricted, path)
        answered(reply, expect)
        no_data(reply, expect, sent=path)
    for path in _spelt(ours.type, ours.id):
        reply = _asked(restricted, path)
        answered(reply, expect)
        if path.endswith("/") or ";" in path:
            # Some routers take these for the same path, and decide on it as such.
            expect.should(
                reply.status != _OK, expected="404 or 400", seen=f"HTTP 200 for {path}", evidence=[reply]
            )
        else:
            expect.that(
                reply.status != _OK, expected="404 or 400", seen=f"HTTP 200 for {path}", evidence=[reply]
            )


def _posted(client: FhirClient, form: str) -> Reply:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.request("POST", "_search", headers=headers, body=form.encode())


def _asked(client: FhirClient, path: str) -> Reply:
    return sent(client, head(client, f"GET {base_path(client)}/{path} HTTP/1.1"))


def _spelt(type_: str, id_: str) -> list[str]:
    tail = f"/{id_}" if id_ else ""
    return [
        f"{type_.lower()}{tail}",
        f"{type_.upper()}{tail}",
        f"{type_}{tail}/",
        f"{type_};x{tail}",
        f"{type_}{tail};x",
        f"{type_}{tail}.json",
    ]


def _types(reply: Reply) -> set[str]:
    return {str(resource.get("resourceType")) for resource in reply.resources()}
