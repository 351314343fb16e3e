"""In front of an impostor of the hospital: a bad certificate, a stranger named as token server.

Sources: five-levels reference, K-01 and K-10; CWE-295, RFC 9525, OWASP ASVS 5.0 10.5.3.
"""

from lab.api import CLIENT, CRITICAL, MEDIUM, Exchange, Expect, Text, probe

_FLAWS = {
    "self-signed": Text(fr="auto-signé", en="self-signed"),
    "wrong-name": Text(fr="au mauvais nom", en="for a wrong name"),
}


@probe(
    "K-01",
    level=None,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@K-01",),
    title=Text(fr="Vérification TLS", en="TLS verification"),
    failure=Text(
        fr="L'application parle à un serveur dont le certificat ne vaut rien.",
        en="The application talks to a server whose certificate is worth nothing.",
    ),
    remedy=Text(
        fr="Vérifier la chaîne et le nom du certificat (réglage par défaut des bibliothèques) et abandonner "
        "la connexion sinon ; ajouter l'autorité de l'hôpital au magasin, jamais désactiver la vérification.",
        en="Verify the chain and the name of the certificate (the default of libraries) and drop the "
        "connection otherwise; add the hospital's authority to the store, never switch verification off.",
    ),
)
def tls_verification(journal: tuple[Exchange, ...], expect: Expect) -> None:
    """Nothing may be sent behind a self-signed certificate, nor behind one for another name."""
    visits = {flaw: [e for e in journal if e.facts.get("tls") == flaw] for flaw in _FLAWS}
    for flaw, met in visits.items():
        expect.name(*(exchange.id for exchange in met[:2]))
        trusting = [exchange for exchange in met if _sent(exchange)]
        expect.that(
            not trusting,
            expected=f"no byte behind a certificate that is {_FLAWS[flaw].en}",
            seen=f"{sum(map(_sent, trusting))} bytes, handshake {_how(trusting)}",
            evidence=[exchange.id for exchange in trusting[:3]],
        )
    unmet = [flaw for flaw, met in visits.items() if not met]
    if unmet:
        names = [_FLAWS[flaw] for flaw in unmet]
        expect.skip(
            f"L'application ne s'est pas connectée au faux hôpital ({', '.join(n.fr for n in names)}) : il "
            "faut que le laboratoire la démarre ([start]), {fhir_base_url} dans sa configuration.",
            f"The application did not connect to the false hospital ({', '.join(n.en for n in names)}): the "
            "laboratory must start it ([start]), with {fhir_base_url} in its configuration.",
        )


@probe(
    "K-10",
    level=2,
    severity=MEDIUM,
    role=CLIENT,
    requirements=("five-levels@K-10",),
    title=Text(fr="Mauvais serveur d'autorisation", en="Wrong authorisation server"),
    failure=Text(
        fr="L'application remet son assertion à un serveur de jetons étranger, en clair.",
        en="The application hands its assertion to a foreign token server, in the clear.",
    ),
    remedy=Text(
        fr="N'accepter un token_endpoint découvert que s'il est en https, ou sur l'hôte même de l'hôpital, "
        "ou s'il est celui de la configuration.",
        en="Accept a discovered token_endpoint only when it is https, or on the hospital's own host, or the "
        "one of the configuration.",
    ),
)
def wrong_authorisation_server(journal: tuple[Exchange, ...], expect: Expect) -> None:
    """A smart-configuration names a token endpoint on another host, in the clear: nobody may go there."""
    met = {
        place: [e for e in journal if e.facts.get("rogue") == place]
        for place in ("configuration", "stranger", "hospital")
    }
    strayed = met["stranger"]
    with_assertion = [e for e in strayed if "client_assertion" in e.request_body or e.facts.get("assertion")]
    expect.name(*(exchange.id for exchange in met["configuration"][:2]))
    expect.that(
        not strayed,
        expected="no request to the foreign token server",
        seen=f"{len(strayed)} of them, {len(with_assertion)} with an assertion",
        evidence=[exchange.id for exchange in (*with_assertion, *strayed)][:3],
    )
    if met["configuration"]:
        return
    if met["hospital"]:
        expect.name(*(exchange.id for exchange in met["hospital"][:2]))
        expect.omit(
            f"L'application ne lit pas smart-configuration ({len(met['hospital'])} autres requêtes au faux "
            "hôpital) : elle ne peut être égarée par elle.",
            f"The application does not read smart-configuration ({len(met['hospital'])} other requests to "
            "the false hospital): it cannot be led astray by it.",
        )
    expect.skip(
        "L'application n'est pas venue au faux hôpital : il faut que le laboratoire la démarre ([start]).",
        "The application did not come to the false hospital: the laboratory must start it ([start]).",
    )


def _sent(exchange: Exchange) -> int:
    sent = exchange.facts.get("bytes")
    return sent if isinstance(sent, int) else 0


def _how(visits: list[Exchange]) -> str:
    return ", ".join(sorted({str(exchange.facts.get("handshake")) for exchange in visits}))
