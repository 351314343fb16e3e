"""Prepare the application as a server: fill it when its manifest asks, find out what a load can ask of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.certification.application import UnreachableError
from lab.certification.folder import RunFolder
from lab.certification.hidden_values import hidden_values
from lab.checking.cohort import find_cohort
from lab.checking.expect import Told
from lab.checking.smart import ASSERTION_TYPE
from lab.checking.truth import Truth
from lab.engine.plan import Access, EnginePlan
from lab.engine.tokens import TokenSource
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.fhir.element_path import parse_path
from lab.fhir.scopes import parse_scopes
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.load.plan import Persona, Target, TokenRequest
from lab.load.target import Signer
from lab.model.target import Identity, ServerRole

_READABLE = 20
_CHART = (
    *("Encounter", "Observation", "Patient", "Condition", "AllergyIntolerance"),
    *("MedicationRequest", "DiagnosticReport", "DocumentReference"),
)
"""What makes the chart of a patient; the first of them that the application holds is what is polled."""


@contextmanager
def preparation_wire(plan: EnginePlan, folder: RunFolder, instance: str = "") -> Iterator[LiveWire]:
    """Give a wire whose exchanges are recorded apart from those of checks, by instance of the application."""
    at = folder.preparation_journal
    journal = Journal(at.with_name(f"{at.stem}-{instance}.jsonl") if instance else at, f"P{instance}")
    redactor = Redactor(bytes.fromhex(plan.secrets.redaction_key))
    hospital = plan.context.hospital.get("fhir", "")
    wire = LiveWire(journal, redactor, plan.secrets.laboratory_secret, hospital)
    try:
        yield wire
    finally:
        wire.close()
        journal.close()


def client_of(server: ServerRole, plan: EnginePlan, wire: LiveWire, name: str = "full") -> FhirClient:
    """Return the application called by one of its identities."""
    source = TokenSource(name, plan.secrets.access.get(name, Access()), wire)
    return FhirClient(server.base_url, wire, source, name=name)


def load_target(server: ServerRole, plan: EnginePlan, wire: LiveWire, truth: Truth) -> Target:
    """Find out what the identities may read, and what the restricted one must not.

    Raises:
        UnreachableError: the full identity got no token, so that nothing can be asked.
    """
    fhir = client_of(server, plan, wire)
    try:
        return _target(server, plan, fhir, truth)
    except Told as told:
        raise UnreachableError(told.detail.fr, told.detail.en) from None


def _target(server: ServerRole, plan: EnginePlan, fhir: FhirClient, truth: Truth) -> Target:
    types = [type_ for type_ in _CHART if fhir.search(type_, _count=1).ids]
    main = types[0] if types else "Patient"
    patients = fhir.search("Patient", _count=_READABLE).ids if "Patient" in types else ()
    about = _about(patients, types, fhir)
    page = fhir.search(main, _count=_READABLE)
    restricted = server.identity("restricted")
    cohort = find_cohort(restricted, fhir, truth) if restricted else None
    return Target(
        base_url=server.base_url,
        personas=tuple(
            _persona(identity, plan.secrets.access[identity.name]) for identity in server.identities
        ),
        token_url=plan.secrets.access["full"].token_url or None,
        readable=tuple(page.ids[:_READABLE]),
        polled=(f"{main}?_lastUpdated=ge{{since}}&_count=50",),
        searched=(f"{main}?_count=20",),
        charts=tuple((one, *(f"{type_}?patient={one}&_count=20" for type_ in about)) for one in patients),
        wide=(f"{main}?_count=1000",),
        outside=tuple(f"Patient/{id_}" for id_ in cohort.outside[:_READABLE]) if cohort else (),
        denied_type=_denied_type(restricted, types),
        masked=tuple(f"Patient/{id_}" for id_ in cohort.inside[:_READABLE]) if cohort else (),
        masked_values=_masked_values(restricted, fhir, cohort.inside[:_READABLE]) if cohort else (),
        refused_source=server.refused_source or None,
    )


def _about(patients: Sequence[str], types: list[str], fhir: FhirClient) -> list[str]:
    """Return the types that the application finds by their patient: what a chart is made of."""
    asked = {type_: {"patient": one} for type_ in types if type_ != "Patient" for one in patients[:1]}
    return [type_ for type_, by in asked.items() if fhir.search(type_, by, _count=1).status == 200]


def _persona(identity: Identity, access: Access) -> Persona:
    restricted = identity.name == "restricted"
    if not access.token_url:
        return Persona(identity.name, restricted=restricted)
    proof = (
        (("client_assertion_type", ASSERTION_TYPE),)
        if access.key
        else (("client_id", access.client_id), ("client_secret", access.secret))
    )
    form = (("grant_type", "client_credentials"), ("scope", access.scopes), *proof)
    signer = Signer(access.client_id, access.token_url, access.key, access.kid) if access.key else None
    return Persona(identity.name, restricted=restricted, token=TokenRequest(form, signer=signer))


def _denied_type(restricted: Identity | None, types: list[str]) -> str | None:
    """Return a type that the application holds and the restricted identity has no scope for."""
    if restricted is None or not restricted.scopes:
        return None
    opened = {type_ for type_, _ in parse_scopes(restricted.scopes).rights}
    return next((type_ for type_ in types if not {type_, "*"} & opened), None)


def _masked_values(restricted: Identity | None, fhir: FhirClient, inside: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values that the full identity sees and that the restricted one must never be given."""
    paths = [parse_path(text) for text in restricted.masked] if restricted else []
    return hidden_values((fhir.read("Patient", id_).resource for id_ in inside if paths), paths)
