"""What the application shows and keeps of data that are masked, hostile or somebody else's.

Sources: five-levels reference, K-06 and K-08; OWASP API10:2023 (unsafe consumption of APIs).
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from lab.api import CLIENT, HIGH, Exchange, Expect, FhirClient, Text, Truth, probe
from lab.checks.hooks import Page, held_patients, names_with, shown_page
from lab.checks.traffic import after, fhir_requests, played, searches

_MASKED, _TEXT, _HUGE, _WRONG = "masked-data", "hostile-text", "huge-bundle", "wrong-patient"
MARK = "lab-hostile-text"
_OK = 200
_FILLERS = frozenset({"undefined", "null", "None", "NaN", "NaT", "[object Object]", "Invalid Date", "nil"})
_FIRST_DAYS = re.compile(r"\b(?:1970-01-01|1900-01-01|0001-01-01|01/01/(?:1970|1900|0001))\b")
"""What programs write where a date is missing."""
_ABOUT = frozenset({"_id", "patient", "subject"})


@probe(
    "K-06",
    level=None,
    severity=HIGH,
    role=CLIENT,
    act=_MASKED,
    requirements=("five-levels@K-06",),
    title=Text(fr="Données masquées", en="Masked data"),
    failure=Text(
        fr="Devant un patient masqué, l'application s'arrête ou invente une valeur.",
        en="In front of a masked patient, the application stops or makes a value up.",
    ),
    remedy=Text(
        fr="Lire data-absent-reason et l'étiquette SUBSETTED, afficher « masqué » à la place de la donnée, "
        "et ne jamais mettre de valeur par défaut.",
        en="Read data-absent-reason and the tag SUBSETTED, show « masked » in place of the datum, never put "
        "a default value.",
    ),
)
def masked_data(grant: FhirClient, journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """It goes on pulling, and its page shows no filler and no date that no answer ever held."""
    given = played(journal, _MASKED, expect)[-1]
    _goes_on(given, journal, truth, expect)
    page = shown_page(grant, journal, truth, expect, _MASKED)
    fillers = sorted(_FILLERS.intersection(page.texts) - _words_of(journal))
    dates = [found for text in page.texts for found in _FIRST_DAYS.findall(text) if not _told(found, journal)]
    expect.that(
        not fillers and not dates,
        expected="no value that the hospital did not give",
        seen=", ".join([*fillers, *dates][:3]),
        evidence=[given.id, page.reply],
    )


@probe(
    "K-08",
    level=None,
    severity=HIGH,
    role=CLIENT,
    act=(_TEXT, _HUGE, _WRONG),
    requirements=("five-levels@K-08",),
    title=Text(fr="Contenu hostile", en="Hostile payload"),
    failure=Text(
        fr="L'application croit ce qu'elle reçoit : script, réponse énorme ou patient que nul n'a demandé.",
        en="The application believes what it gets: a script, a huge answer or a patient nobody asked for.",
    ),
    remedy=Text(
        fr="Échapper tout texte affiché, borner la taille des réponses lues, et ne prendre d'une réponse que "
        "ce qui a été demandé.",
        en="Escape every text that is shown, bound the size of the answers read, and take from an answer "
        "only what was asked for.",
    ),
)
def hostile_payload(grant: FhirClient, journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """A script stays text on the page, 48 MB stop nothing, and the intruder is not among those held."""
    acts = {e.act: e for e in journal if e.act in {_TEXT, _HUGE, _WRONG}}
    if _HUGE in acts:
        _goes_on(acts[_HUGE], journal, truth, expect)
    client = truth.subject.client
    hooks = {_TEXT: bool(client and client.page_url), _WRONG: bool(client and client.state_url)}
    if _WRONG in acts and hooks[_WRONG]:
        _rejects(grant, acts[_WRONG], truth, expect)
    if _TEXT in acts and hooks[_TEXT]:
        _escapes(shown_page(grant, journal, truth, expect, _TEXT), acts[_TEXT], journal, expect)
    names_patients = any(_ABOUT & search.names for search in searches(journal, truth, expect))
    missing = [act for act in (_TEXT, _HUGE) if act not in acts]
    missing += [_WRONG] if names_patients and _WRONG not in acts else []
    unseen = [act for act, declared in hooks.items() if act in acts and not declared]
    if missing or unseen:
        expect.skip(
            f"Non joué : {', '.join(missing) or 'rien'} ; non visible, faute de client.page_url ou "
            f"client.state_url : {', '.join(unseen) or 'rien'}.",
            f"Not played: {', '.join(missing) or 'nothing'}; not visible, for want of client.page_url or "
            f"client.state_url: {', '.join(unseen) or 'nothing'}.",
        )


def _goes_on(given: Exchange, journal: Sequence[Exchange], truth: Truth, expect: Expect) -> None:
    answered = [e for e in after(fhir_requests(journal, truth, expect), given) if e.status == _OK]
    expect.that(
        bool(answered),
        expected=f"an answered request after {given.act}",
        seen="none",
        evidence=[given.id, *(e.id for e in answered[:1])],
    )


def _rejects(grant: FhirClient, given: Exchange, truth: Truth, expect: Expect) -> None:
    intruder = str(given.facts.get("about"))
    reply, held = held_patients(grant, truth, expect)
    expect.that(
        intruder not in held,
        expected="the patient that nobody asked for is not taken",
        seen=f"{intruder} among {len(held)} patients held",
        evidence=[given.id, reply],
    )


def _escapes(page: Page, given: Exchange, journal: Sequence[Exchange], expect: Expect) -> None:
    """Fail when the script is live on the page; skip when none of those who carry it is on the page."""
    # A page may write names in capitals: the browser does not mind.
    scripts = [text for text in page.scripts if text.strip().casefold().startswith(f'alert("{MARK}')]
    handlers = [
        f"<{tag} {name}>"
        for tag, attributes in page.elements
        for name, value in attributes.items()
        if name.startswith("on") and MARK in value.casefold()
    ]
    seen = ", ".join([*("<script>" for _ in scripts), *handlers])
    expect.that(
        not scripts and not handlers,
        expected="the script of a patient's text is shown as text",
        seen=f"live on the page: {seen}",
        evidence=[given.id, page.reply],
    )
    text = page.text.casefold()
    carried = {name.casefold() for name in names_with(journal, MARK)}
    if MARK not in text and not any(name and name in text for name in carried):
        expect.skip(
            "La page déclarée (client.page_url) ne montre aucun des patients dont le nom porte un script.",
            "The declared page (client.page_url) shows none of the patients whose name carries a script.",
        )


def _words_of(journal: Sequence[Exchange]) -> frozenset[str]:
    """Return the fillers that the hospital itself gave as a value."""
    return frozenset(word for word in _FILLERS if any(f'"{word}"' in e.response_body for e in journal))


def _told(day: str, journal: Sequence[Exchange]) -> bool:
    iso = day
    with suppress(ValueError):
        number, month, year = day.split("/")
        iso = f"{year}-{month}-{number}"
    return any(iso in exchange.response_body for exchange in journal)
