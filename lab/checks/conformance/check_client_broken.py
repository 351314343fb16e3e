"""CLI-ERR: what the application makes of what is deleted, and of answers that break in the middle.

Specs: https://hl7.org/fhir/R4/http.html#read (410), https://www.rfc-editor.org/rfc/rfc9112#section-8
"""

from collections.abc import Sequence
from urllib.parse import unquote

from lab.api import SHALL, Exchange, Expect, FhirClient, Text, Truth, check
from lab.checks.echo import echoed, has_echo
from lab.checks.hooks import held_patients
from lab.checks.traffic import after, fhir_requests, played

_BREAKING = ("half-body", "slow-body")
_GHOST = "lab-half-body"
_EXPORTED = "/$export-file/"
_ENOUGH = 5
"""Requests after which an application that would go on had its occasion."""


@check(
    "CLI-ERR-06",
    expectation=SHALL,
    act="gone",
    requirements=("laboratory@deleted-is-deleted",),
    title=Text(fr="404 et 410 distingués", en="404 and 410 told apart"),
    failure=Text(
        fr="L'application garde, ou redemande, ce que l'hôpital dit supprimé (410).",
        en="The application keeps, or asks again for, what the hospital says is deleted (410).",
    ),
    remedy=Text(
        fr="Sur 410, marquer l'enregistrement local comme supprimé et ne plus le demander ; sur 404, il peut "
        "reparaître.",
        en="On 410 mark the local record as deleted and ask for it no more; on 404 it may come back.",
    ),
)
def deleted_stays_deleted(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """What answered 410 is not read again, and is no longer held where a hook shows it.

    The act rewrites no file of an export: who loads one after the 410 may hold the record again.
    """
    refused = played(journal, "gone", expect)[-1]
    following = after(fhir_requests(journal, truth, expect), refused)
    address = _address(refused)
    again = [e for e in following if e.method == "GET" and _address(e) == address]
    expect.that(
        not again,
        expected="not asked for again after the 410",
        seen=f"asked for {len(again)} times",
        evidence=[refused.id, *(e.id for e in again[:3])],
    )
    if any(_EXPORTED in e.url for e in following):
        expect.covered(
            "Un export a été chargé après le 410 : ce que l'application garde n'est pas jugé.",
            "An export was loaded after the 410: what the application holds is not judged.",
        )
    elif has_echo(truth):
        held = echoed(grant, truth, expect, "/".join(address.split("/")[-2:]))
        expect.that(held is None, expected="not held any more", seen="still held", evidence=[refused.id])
    if len(following) < _ENOUGH:
        expect.skip(
            f"Après le 410, l'application n'a fait que {len(following)} demandes : trop peu pour juger.",
            f"After the 410 the application made {len(following)} requests only: too few to judge.",
        )


@check(
    "CLI-ERR-08",
    expectation=SHALL,
    act=_BREAKING,
    requirements=("laboratory@half-a-body",),
    title=Text(fr="Transferts interrompus", en="Broken transfers"),
    failure=Text(
        fr="L'application ne se remet pas d'une réponse coupée ou lente, ou en croit la moitié.",
        en="The application does not recover from a broken or slow answer, or believes half of it.",
    ),
    remedy=Text(
        fr="Jeter une réponse incomplète en entier, puis refaire la demande après une attente : lire et "
        "chercher se répètent sans risque.",
        en="Throw an incomplete answer away as a whole, then ask again after a wait: reads and searches can "
        "be repeated safely.",
    ),
)
def recovers_from_a_cut(journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient) -> None:
    """The question is asked again, and nothing that only the half body said is asked for or held.

    Of the two slow answers the last is the broken one; who lives through it lived through the other.
    """
    requests = fhir_requests(journal, truth, expect)
    for act in _BREAKING:
        cut = played(journal, act, expect)[-1]
        _recovered(cut, requests, expect, truth)
        if has_echo(truth):
            held_one = echoed(grant, truth, expect, f"{_type(cut, truth)}/{_GHOST}")
            expect.that(
                held_one is None,
                expected="nothing of the half body is held",
                seen=f"a {_type(cut, truth)} that only the half body named is held",
                evidence=[cut.id],
            )
    if truth.subject.client and truth.subject.client.state_url:
        reply, held = held_patients(grant, truth, expect)
        expect.that(
            _GHOST not in held,
            expected="nothing of the half body is held",
            seen="a patient that only the half body named is held",
            evidence=[reply],
        )


def _recovered(cut: Exchange, requests: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Judge what is asked after one answer that broke."""
    following = after(requests, cut)
    expect.that(
        any(_type(e, truth) == _type(cut, truth) for e in following),
        expected="the same type asked for again",
        seen=f"{len(following)} requests, none of that type",
        evidence=[cut.id],
    )
    believed = [e for e in following if _GHOST in unquote(e.url + e.request_body)]
    expect.that(
        not believed,
        expected="nothing of the half body is used",
        seen="the application asks for a record that only the half body named",
        evidence=[cut.id, *(e.id for e in believed[:3])],
    )


def _address(exchange: Exchange) -> str:
    return exchange.url.partition("?")[0]


def _type(exchange: Exchange, truth: Truth) -> str:
    return _address(exchange).removeprefix(truth.hospital["fhir"]).strip("/").partition("/")[0]
