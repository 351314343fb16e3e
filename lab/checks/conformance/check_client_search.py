"""CLI-SRC: how the application searches and pages.

Spec: https://hl7.org/fhir/R4/http.html#paging
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, links, searches

OWN_PAGING = frozenset({"_page", "_offset", "_getpages", "_getpagesoffset", "page", "offset", "_skip"})
IDENTIFYING = frozenset(
    {"name", "family", "given", "identifier", "birthdate", "telecom", "phone", "email", "phonetic"},
)
COARSE = frozenset({"status", "class", "type", "active", "gender", "category", "deceased"})


@check(
    "CLI-SRC-01",
    expectation=SHALL,
    requirements=("fhir-r4-client@http-paging-next",),
    title=Text(fr="Suit next tel quel", en="Follows next as given"),
    failure=Text(
        fr="L'application ne suit pas les liens next jusqu'au bout, tels quels.",
        en="The application does not follow next links to the end, as given.",
    ),
    remedy=Text(
        fr="Tant que la page porte un lien next, demander exactement cette URL, sans rien y changer.",
        en="As long as a page has a next link, ask for exactly that URL, unchanged.",
    ),
)
def follows_next(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Every next link that was given is asked for, unless the watch ended there or the page was an act."""
    requests = fhir_requests(journal, truth, expect)
    asked = {exchange.url for exchange in requests}
    given = {url: e for url, e in links(journal, "next").items() if e.act is None}
    if not given:
        expect.skip("Aucun lien next n'a été donné.", "No next link was given.")
    for url, exchange in given.items():
        if len(after(requests, exchange)) > 1:
            expect.that(
                url in asked,
                expected="the next link is asked for as given",
                seen="never asked for",
                evidence=[exchange.id],
            )


@check(
    "CLI-SRC-02",
    expectation=SHALL,
    requirements=("fhir-r4-client@http-paging-opaque",),
    title=Text(fr="Ne fabrique pas d'URL de page", en="Never builds page URLs"),
    failure=Text(
        fr="L'application fabrique elle-même des URL de page.",
        en="The application builds page URLs itself.",
    ),
    remedy=Text(
        fr="Ne jamais ajouter de paramètre de page : seuls les liens de la réponse mènent aux autres pages.",
        en="Never add a paging parameter: only the links of the answer lead to other pages.",
    ),
)
def never_builds_pages(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No paging parameter in a URL that the hospital did not give."""
    given = {url for relation in ("next", "self", "previous", "first") for url in links(journal, relation)}
    for exchange in fhir_requests(journal, truth, expect):
        named = {name for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)}
        own = sorted(named & OWN_PAGING) if exchange.url not in given else []
        expect.that(
            not own,
            expected="only links given by the hospital",
            seen=", ".join(own),
            evidence=[exchange.id],
        )


@check(
    "CLI-SRC-06",
    expectation=SHALL,
    requirements=("laboratory@no-patient-data-in-urls",),
    title=Text(fr="Pas de donnée patient dans les URL", en="No patient data in URLs"),
    failure=Text(
        fr="Une donnée d'identité du patient circule dans une URL.",
        en="Identifying data of a patient travels in a URL.",
    ),
    remedy=Text(
        fr="Chercher par nom, INS, date de naissance, adresse ou téléphone avec POST _search.",
        en="Search by name, INS, birth date, address or phone with POST _search.",
    ),
)
def no_patient_data_in_urls(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No identifying parameter of Patient in a query string, chains included."""
    for search in searches(journal, truth, expect):
        for name, _ in search.in_url:
            plain = name.partition(":")[0]
            chained, _, last = plain.rpartition(".")
            about_patient = search.type == "Patient" or chained in {"patient", "subject"}
            identifying = last in IDENTIFYING or last.startswith("address")
            expect.that(
                not (about_patient and identifying),
                expected="POST _search",
                seen=f"{search.exchange.method} {search.type}?{plain}=",
                evidence=[search.exchange.id],
            )


@check(
    "CLI-SRC-07",
    expectation=SHALL,
    requirements=("laboratory@scoped-searches",),
    title=Text(fr="Recherches toujours délimitées", en="Searches are always scoped"),
    failure=Text(
        fr="L'application demande tout un type de ressource sans le délimiter.",
        en="The application asks for a whole resource type without scoping it.",
    ),
    remedy=Text(
        fr="Délimiter chaque recherche par patient, venue, lieu, date ou _lastUpdated.",
        en="Scope each search by patient, encounter, place, date or _lastUpdated.",
    ),
)
def searches_are_scoped(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Each search has a parameter that bounds its answer; status or class alone do not."""
    for search in searches(journal, truth, expect):
        bounding = {n for n in search.names if not n.startswith("_") and n not in COARSE}
        bounding |= search.names & {"_id", "_lastUpdated"}
        expect.that(
            bool(bounding),
            expected="patient, encounter, location, date, _lastUpdated…",
            seen=f"{search.type}?{'&'.join(sorted(search.names)) or '(nothing)'}",
            evidence=[search.exchange.id],
        )
