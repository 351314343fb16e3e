"""The credentials of the application at the hospital: nothing that is masked, everything else untouched.

Source: five-levels reference, L5-01, L5-13, L5-29 and P4 (losing visible data is a patient-safety defect).
"""

from lab.api import CLIENT, CRITICAL, HIGH, Expect, FhirClient, Text, Truth, parse_path, probe
from lab.checks.sample import match_ids
from lab.checks.security.grant_terms import GrantTerms, grant_terms
from lab.checks.security.likeness import answered
from lab.checks.security.lossless import compared
from lab.checks.security.masked import Resource
from lab.checks.security.secret_values import leaked, secrets
from lab.checks.security.sweep import tells_nothing
from lab.checks.statement import part

_PATIENTS = 20
_PAGE = 200
_MAX_TYPES = 12
_OK = 200
_UNKNOWN_PARAMETER = 400


@probe(
    "L5-01-C",
    level=5,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L5-01",),
    title=Text(fr="Divulgation directe", en="Direct disclosure"),
    failure=Text(
        fr="L'application reçoit la valeur d'un élément que sa Permission masque.",
        en="The application gets the value of an element that its Permission masks.",
    ),
    remedy=Text(
        fr="Masquer au même endroit toutes les réponses : lecture, recherche, version, historique, batch, "
        "opération.",
        en="Mask every answer at one place: read, search, version, history, batch, operation.",
    ),
)
def direct_disclosure(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for one patient in every way there is; no answer may hold the secret, a refusal neither."""
    terms = grant_terms(truth, expect)
    patient, hidden = next(iter(_secrets_of_patients(grant, hospital, terms, expect).items()))
    found = grant.search("Patient", _id=patient)
    expect.status(found, _OK)
    version = part(hospital.read("Patient", patient).resource, "meta").get("versionId")
    entry = {"request": {"method": "GET", "url": f"Patient/{patient}"}}
    replies = [
        found,
        grant.read("Patient", patient),
        grant.search_by_post("Patient", {"_id": patient}),
        grant.get(f"Patient/{patient}/_history/{version}"),
        grant.get(f"Patient/{patient}/_history"),
        grant.write("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}),
        grant.get(f"Patient/{patient}/$everything", {"_count": _PAGE}),
    ]
    for reply in replies:
        answered(reply, expect)
        place = leaked(hidden, reply)
        expect.that(
            not place, expected="no masked value", seen=f"a value that begins with {place}", evidence=[reply]
        )


@probe(
    "L5-13-C",
    level=5,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@L5-13",),
    title=Text(fr="Même donnée ailleurs", en="Same datum elsewhere"),
    failure=Text(
        fr="La valeur d'un élément masqué d'un patient se lit ailleurs dans ce que l'application reçoit de "
        "lui.",
        en="The value of a masked element of a patient can be read elsewhere in what the application gets "
        "of him.",
    ),
    remedy=Text(
        fr="Étendre le masque aux éléments, extensions, contacts et libellés qui répètent la donnée.",
        en="Extend the mask to the elements, extensions, contacts and labels that repeat the datum.",
    ),
)
def same_datum_elsewhere(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Learn the secrets of patients from the hospital itself, then sweep every readable type about them."""
    terms = grant_terms(truth, expect)
    secret_of = _secrets_of_patients(grant, hospital, terms, expect)
    patients = ",".join(secret_of)
    for type_ in terms.readable[:_MAX_TYPES]:
        reply = grant.search(type_, {"_id" if type_ == "Patient" else "patient": patients, "_count": _PAGE})
        if reply.status == _UNKNOWN_PARAMETER:
            reply = grant.search(type_, _count=_PAGE)
        expect.status(reply, 200)
        tells_nothing(reply, secret_of, expect)


@probe(
    "L5-29-C",
    level=5,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@L5-29",),
    title=Text(fr="Masque trop large", en="Over-masking"),
    failure=Text(
        fr="Un élément qu'aucun masque ne couvre est perdu ou changé.",
        en="An element that no mask covers is lost or changed.",
    ),
    remedy=Text(
        fr="Ne retirer que les éléments de la Permission ; rendre le reste tel que la source le donne.",
        en="Remove only the elements of the Permission; give the rest as the source has it.",
    ),
)
def over_masking(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Compare, element by element, what the application gets with what the hospital holds."""
    terms = grant_terms(truth, expect)
    types = terms.readable[:_MAX_TYPES]
    if not sum(compared(grant, hospital, type_, terms.masked, expect) for type_ in types):
        expect.skip(
            "L'application ne reçoit aucune ressource que l'hôpital puisse confirmer.",
            "The application gets no resource that the hospital could confirm.",
        )


def _secrets_of_patients(
    grant: FhirClient, hospital: FhirClient, terms: GrantTerms, expect: Expect
) -> dict[str, frozenset[str]]:
    """Return the secrets of patients of the cohort; what several of them share tells nobody apart."""
    masked = tuple(path for path in terms.masked if parse_path(path).type == "Patient")
    if not masked or "Patient" not in terms.readable:
        expect.omit(
            "La Permission ne masque aucun élément de Patient à cette application.",
            "The Permission masks no element of Patient from this application.",
        )
    ids = match_ids(grant.search("Patient", _count=_PATIENTS), "Patient")
    whole = hospital.search("Patient", {"_id": ",".join(ids), "_count": _PATIENTS}) if ids else None
    resources: list[Resource] = list(whole.resources("Patient", mode="match")) if whole else []
    found = {str(r.get("id")): secrets([r], masked) for r in resources}
    told = [text for texts in found.values() for text in texts]
    own = {id_: frozenset(t for t in texts if told.count(t) == 1) for id_, texts in found.items()}
    known = {id_: texts for id_, texts in own.items() if texts}
    if not known:
        expect.skip(
            "Aucun patient de la cohorte n'a de valeur masquée à chercher ailleurs.",
            "No patient of the cohort has a masked value to look for elsewhere.",
        )
    return known
