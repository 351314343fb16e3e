"""SRV-CAP: what a server says of itself, and whether it is so.

Specs: https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/capabilitystatement.html
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, defects
from lab.checks.sample import match_ids
from lab.checks.statement import objects, statement
from lab.checks.wording import quoted

R4 = "4.0.1"
FIRST_R4 = "4.0.0"
NO_SUCH_ID = "lab-no-such-id"
TYPES_SAMPLED = 5
TYPES_TRIED = 100
RARE_TYPES = ("Linkage", "VisionPrescription", "ResearchElementDefinition", "LabNoSuchType")
REFUSED = frozenset({401, 403})


@check(
    "SRV-CAP-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-capabilities",),
    title=Text(fr="Déclaration de capacités en R4", en="Capability statement in R4"),
    failure=Text(
        fr="GET /metadata ne répond pas 200 avec un CapabilityStatement de FHIR 4.0.1.",
        en="GET /metadata does not answer 200 with a CapabilityStatement of FHIR 4.0.1.",
    ),
    remedy=Text(
        fr="Servir à [base]/metadata un CapabilityStatement dont fhirVersion est 4.0.1.",
        en="Serve at [base]/metadata a CapabilityStatement whose fhirVersion is 4.0.1.",
    ),
)
def statement_in_r4(fhir: FhirClient, expect: Expect) -> None:
    """Read /metadata; the first publication of R4, 4.0.0, is accepted with a remark."""
    reply = fhir.get("metadata")
    expect.status(reply, 200)
    expect.that(
        reply.type == "CapabilityStatement",
        expected="a CapabilityStatement",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )
    version = reply.resource.get("fhirVersion")
    seen = quoted(version)
    expect.that(version in (R4, FIRST_R4), expected=f"fhirVersion {R4}", seen=seen, evidence=[reply])
    expect.should(version == R4, expected=f"fhirVersion {R4}", seen=seen, evidence=[reply])


@check(
    "SRV-CAP-02",
    expectation=SHALL,
    requirements=("fhir-r4@capabilitystatement-content",),
    title=Text(fr="Déclaration de capacités valide", en="Valid capability statement"),
    failure=Text(
        fr="Le CapabilityStatement n'est pas une ressource R4 valide qui décrit un serveur.",
        en="The CapabilityStatement is not a valid R4 resource that describes a server.",
    ),
    remedy=Text(
        fr="Corriger les éléments cités ; kind, status, date, format et rest.mode = server sont attendus.",
        en="Correct the elements named; kind, status, date, format and rest.mode = server are expected.",
    ),
)
def statement_is_valid(fhir: FhirClient, expect: Expect) -> None:
    """Validate the body of /metadata and look for a rest part of mode server."""
    reply = fhir.get("metadata")
    if reply.type != "CapabilityStatement":
        expect.skip(
            "Pas de CapabilityStatement à valider : voir SRV-CAP-01.",
            "There is no CapabilityStatement to validate: see SRV-CAP-01.",
        )
    found = [f"{defect.path} ({defect.rule})" for defect in defects(reply.resource)]
    expect.that(not found, expected="a valid resource", seen=", ".join(found[:3]), evidence=[reply])
    modes = [quoted(rest.get("mode")) for rest in objects(reply.resource.get("rest"))]
    expect.that("server" in modes, expected="rest.mode server", seen=modes[:3] or "no rest", evidence=[reply])


@check(
    "SRV-CAP-04",
    expectation=SHALL,
    requirements=("fhir-r4@http-capabilities-declared",),
    title=Text(fr="Ce qui est déclaré fonctionne", en="What is declared works"),
    failure=Text(
        fr="Une interaction que le CapabilityStatement déclare ne fonctionne pas.",
        en="An interaction that the CapabilityStatement declares does not work.",
    ),
    remedy=Text(
        fr="Faire fonctionner read et search-type sur chaque type déclaré, ou ne plus les déclarer.",
        en="Make read and search-type work on each declared type, or stop declaring them.",
    ),
)
def declared_interactions_work(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Search and read five of the declared types that the identity may see.

    A type that it may not see shows nothing, and another is tried; a search refused for want of criteria is
    asked again with one.
    """
    said = statement(fhir)
    offered = sorted({*said.offering("search-type"), *said.offering("read")})
    shown: set[str] = set()
    for type_ in truth.random("SRV-CAP-04").sample(offered, min(TYPES_TRIED, len(offered))):
        if len(shown) == TYPES_SAMPLED:
            break
        declared = said.types[type_].interactions
        ids: list[str] = []
        if "search-type" in declared:
            reply = _search(fhir, type_)
            if reply.status in REFUSED:
                continue
            expect.status(reply, 200)
            expect.that(
                reply.type == "Bundle",
                expected="a Bundle",
                seen=quoted(reply.type),
                evidence=[reply],
            )
            ids = match_ids(reply, type_)
            shown.add(type_)
        if "read" in declared:
            read = fhir.read(type_, ids[0] if ids else NO_SUCH_ID)
            if read.status in REFUSED:
                continue
            expect.status(read, *((200,) if ids else (404,)))
            shown.add(type_)
    if not shown:
        expect.skip(
            "Aucun type déclaré n'a pu être ni cherché ni lu avec cette identité.",
            "No declared type could be searched or read with this identity.",
        )


def _search(fhir: FhirClient, type_: str) -> Reply:
    """Search a type; a server may want criteria on every search."""
    reply = fhir.search(type_, _count=1)
    return reply if reply.status == 200 else fhir.search(type_, _id=NO_SUCH_ID, _count=1)


@check(
    "SRV-CAP-06",
    expectation=SHALL,
    requirements=("fhir-r4@http-404-type", "fhir-r4@http-capabilities-declared"),
    title=Text(fr="Type non déclaré refusé", en="Undeclared type refused"),
    failure=Text(
        fr="Une requête sur un type non déclaré ne répond pas 404.",
        en="A request on an undeclared type does not answer 404.",
    ),
    remedy=Text(
        fr="Répondre 404 et un OperationOutcome sur les types non servis ; déclarer ceux qui le sont.",
        en="Answer 404 and an OperationOutcome on types that are not served; declare those that are.",
    ),
)
def undeclared_type(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Search a type that is not declared; access control, where there is any, may say 403 before.

    A server that answers the search breaks a rule either way: the type is not supported and gets no 404, or
    it is and the CapabilityStatement does not say so.
    """
    said = statement(fhir)
    if not said.types:
        expect.skip(
            "Aucun type déclaré : voir SRV-CAP-01 et SRV-CAP-02.",
            "No declared type: see SRV-CAP-01 and SRV-CAP-02.",
        )
    type_ = next(type_ for type_ in RARE_TYPES if type_ not in said.types)
    reply = fhir.search(type_, _count=1)
    server = truth.subject.server
    identity = server.identity("full") if server else None
    guarded = identity is not None and identity.issuer != "nobody"
    expect.status(reply, *((404, 403) if guarded else (404,)))
    expect.should(
        reply.type == "OperationOutcome",
        expected="an OperationOutcome",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )
