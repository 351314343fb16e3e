"""CLI-AUT-05: the application publishes its keys at an address, and survives their rotation.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html (registering a JWKS)
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, FhirClient, Outgoing, Reply, Text, Truth, check
from lab.checks.traffic import token_requests

_OK = 200
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@check(
    "CLI-AUT-05",
    expectation=SHALL,
    requirements=("smart-2.2.0@302", "smart-2.2.0@303", "smart-2.2.0@313", "laboratory@key-rotation"),
    title=Text(
        fr="Clés publiées à une adresse, rotation supportée", en="Keys published at a URL, rotation survived"
    ),
    failure=Text(
        fr="Les clés publiées par l'application ne permettent pas de vérifier ses assertions dans la durée.",
        en="The keys that the application publishes do not let its assertions be verified in the long run.",
    ),
    remedy=Text(
        fr="Publier la partie publique des clés en cours (kid compris) à une adresse sans authentification, "
        "avec Cache-Control, et lire la clé privée là où l'exploitant la remplace.",
        en="Publish the public half of the keys in use (kid included) at an address without authentication, "
        "with Cache-Control, and read the private key where the operator replaces it.",
    ),
)
def keys_published(grant: FhirClient, journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """The address gives the key of the last assertion, with Cache-Control; a new key file is taken up.

    That it is open, and each key named, binds; Cache-Control and the rotation are recommended.
    """
    url = truth.subject.client.jwks_url if truth.subject.client else ""
    if not url:
        expect.omit(
            "Le manifeste ne déclare pas client.jwks_url : les clés sont remises directement, ce que SMART "
            "admet en le déconseillant.",
            "The manifest declares no client.jwks_url: the keys are handed over directly, which SMART admits "
            "and discourages.",
        )
    signed = [(e, _kid(e)) for e in token_requests(journal, expect) if e.status == _OK and _kid(e)]
    reply = grant.wire.send(Outgoing("GET", url, (("Accept", "application/json"),)))
    keys = _keys(reply)
    expect.that(
        reply.status == _OK and bool(keys),
        expected='200 and {"keys": [...]}, without authentication',
        seen=f"HTTP {reply.status}, {len(keys)} keys",
        evidence=[reply],
    )
    secret = sorted({member for key in keys for member in key.keys() & _PRIVATE})
    expect.that(not secret, expected="public keys only", seen=f"private members {secret}", evidence=[reply])
    nameless = [key for key in keys if not (key.get("kid") and key.get("kty"))]
    expect.that(
        not nameless, expected="kid and kty in each key", seen=f"{len(nameless)} without", evidence=[reply]
    )
    expect.should(
        bool(reply.header("cache-control")),
        expected="Cache-Control",
        seen="no Cache-Control",
        evidence=[reply],
    )
    killed = next((e for e in journal if e.facts.get("rotated")), None)
    if not signed or killed is None:
        expect.covered(
            "Aucune rotation n'a pu être jouée : il faut client.restartable = true, [start] et {key_file}.",
            "No rotation could be played: client.restartable = true, [start] and {key_file} are needed.",
        )
        return
    successor = killed.facts["rotated"]
    since = [(e, kid) for e, kid in signed if e.t > killed.t]
    expect.should(
        bool(since) and all(kid == successor for _, kid in since),
        expected=f"tokens asked for with the new key {successor}",
        seen=", ".join(sorted({kid for _, kid in since})) or "no token since",
        evidence=[killed.id, *(e.id for e, _ in since[:2])],
    )
    published = sorted(str(key.get("kid")) for key in keys)
    expect.should(
        successor in published,
        expected=f"the key {successor} published",
        seen=", ".join(published),
        evidence=[reply],
    )


def _kid(token: Exchange) -> str:
    header = token.facts.get("assertion", {}).get("header", {})
    return str(header.get("kid") or "") if isinstance(header, dict) else ""


def _keys(reply: Reply) -> list[dict[str, object]]:
    keys = reply.json.get("keys") if isinstance(reply.json, dict) else None
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
