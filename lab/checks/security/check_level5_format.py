"""Level 5, data: masks hold in other formats, in GraphQL and in bulk files.

Source: five-levels reference, L5-03 and L5-22; OWASP API3:2023; medplum/medplum #7641.
"""

import html
import json
from dataclasses import replace
from urllib.parse import urlencode

from lab.api import COHORT, CRITICAL, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.bulk import Export, cancelled, export, fetched, lines
from lab.checks.security.concealing import conceals, known, masking
from lab.checks.security.likeness import answered
from lab.checks.security.masked import shown
from lab.checks.security.secret_values import leaked, secrets
from lab.checks.security.unserved import unserved

_FORMATS = ("xml", "application/fhir+xml", "ttl", "text/turtle", "ndjson", "html")
_ACCEPTED = ("application/fhir+xml", "application/xml", "text/turtle", "text/html")
_POLLS = 6
_OK = 200


@probe(
    "L5-03",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-03",),
    title=Text(fr="Changement de format", en="Format switch"),
    failure=Text(
        fr="Un élément masqué sort quand la réponse est demandée dans un autre format.",
        en="A masked element comes out when the answer is asked for in another format.",
    ),
    remedy=Text(
        fr="Masquer la ressource avant de l'écrire, quel que soit le format, ou répondre 406.",
        en="Mask the resource before it is written, whatever the format, or answer 406.",
    ),
)
def other_formats(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read and search masked resources with each format, by parameter and by header."""
    limits = masking(truth, expect)
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        hidden = secrets(whole, limits.masked_of(type_))
        path = f"{type_}/{ids[0]}"
        replies = [restricted.get(path, {"_format": name}) for name in _FORMATS]
        replies += [restricted.get(path, headers={"Accept": name}) for name in _ACCEPTED]
        replies.append(restricted.search(type_, {"_id": ids[0], "_format": "xml"}))
        for reply in replies:
            conceals(reply, type_, limits, hidden, expect)
            # Another format writes some letters otherwise.
            text = html.unescape(reply.text).encode()
            conceals(replace(reply, body=text), type_, limits, hidden, expect)


@probe(
    "L5-22",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-22",),
    title=Text(fr="GraphQL et fichiers d'export", en="GraphQL and export fields"),
    failure=Text(
        fr="Un élément masqué sort par GraphQL ou dans un fichier d'export.",
        en="A masked element comes out by GraphQL or in an export file.",
    ),
    remedy=Text(
        fr="Faire passer GraphQL et l'export par le même masque que les lectures.",
        en="Let GraphQL and export pass through the same mask as reads.",
    ),
)
def other_ways_out(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for masked elements by GraphQL, then for every kind of export, and read the files."""
    limits = masking(truth, expect)
    served = False
    unfinished: list[Reply] = []
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        hidden = secrets(whole, limits.masked_of(type_))
        elements = " ".join(sorted({path.split(".")[1] for path in limits.masked_of(type_)}))
        for reply in _graphql(restricted, type_, ids[0], elements):
            answered(reply, expect)
            served = served or reply.status == _OK
            value = leaked(hidden, reply)
            expect.that(not value, expected="no masked value by GraphQL", seen=value, evidence=[reply])
        orders = [order for path in _exports(type_) if (order := _order(restricted, path, expect)).accepted]
        unfinished += [order.kickoff for order in orders if not order.finished]
        for reply in (fetched(restricted, url) for order in orders for url in order.files):
            answered(reply, expect)
            served = True
            paths = limits.masked_of(type_)
            open_ = sorted({p for one in lines(reply) for p in shown(one, paths)})
            value = ", ".join(open_) or leaked(hidden, reply)
            expect.that(not value, expected="masked in the file", seen=value, evidence=[reply])
        for order in orders:
            cancelled(restricted, order)
    if unfinished:
        expect.name(*unfinished)
        expect.skip(
            f"Un export commandé n'est pas fini après {_POLLS} questions : ses fichiers ne sont pas lus.",
            f"An export that was ordered is not finished after {_POLLS} questions: its files are not read.",
        )
    if not served:
        _refused_to(fhir, expect)


def _graphql(client: FhirClient, type_: str, id_: str, elements: str) -> list[Reply]:
    query = f'{{ {type_}(id: "{id_}") {{ id {elements} }} {type_}List {{ id {elements} }} }}'
    body, one = json.dumps({"query": query}).encode(), urlencode({"query": f"{{ id {elements} }}"})
    headers = {"Content-Type": "application/json"}
    return [
        client.request("POST", "$graphql", headers=headers, body=body),
        client.get(f"$graphql?{urlencode({'query': query})}"),
        client.get(f"{type_}/{id_}/$graphql?{one}"),
    ]


def _exports(type_: str) -> tuple[str, ...]:
    return f"$export?_type={type_}", "Patient/$export", f"Group/{COHORT}/$export"


def _order(client: FhirClient, path: str, expect: Expect) -> Export:
    order = export(client, path, _POLLS)
    answered(order.kickoff, expect)
    return order


def _refused_to(fhir: FhirClient, expect: Expect) -> None:
    """Omit the check when the full identity gets none of this either; to refuse the other alone is right."""
    orders = [export(fhir, path, 1) for path in ("$export", "Patient/$export")]
    for order in orders:
        cancelled(fhir, order)
    controls = [
        fhir.get("$graphql?query=%7BPatientList%7Bid%7D%7D"),
        *(order.kickoff for order in orders),
    ]
    if controls[0].status != _OK and not any(order.accepted for order in orders):
        unserved(Text(fr="GraphQL, $export", en="GraphQL, $export"), controls, expect)
