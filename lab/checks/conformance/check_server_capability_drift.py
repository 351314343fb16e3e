"""SRV-CAP: what a server declares, compared with what it declared when it was last certified.

Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

from lab.api import SHOULD, Expect, FhirClient, Text, Truth, check
from lab.checks.declared_lines import lines
from lab.checks.statement import statement
from lab.checks.wording import quoted

NAMED = 10


@check(
    "SRV-CAP-08",
    expectation=SHOULD,
    requirements=("laboratory@capability-drift",),
    title=Text(
        fr="Dérive depuis la dernière certification", en="Capability drift since the last certified run"
    ),
    failure=Text(
        fr="Le CapabilityStatement n'est plus celui de la dernière certification.",
        en="The CapabilityStatement is no longer that of the last certified run.",
    ),
    remedy=Text(
        fr="Annoncer ce qui change aux applications clientes, puis remplacer server.certified_capability.",
        en="Tell client applications what changes, then replace server.certified_capability.",
    ),
)
def declared_as_certified(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Compare every promise of /metadata with those of the statement that the manifest gives."""
    server = truth.subject.server
    if server is None or not server.certified_capability:
        expect.omit(
            "Le manifeste ne donne pas de CapabilityStatement certifié (server.certified_capability).",
            "The manifest gives no certified CapabilityStatement (server.certified_capability).",
        )
    reply = statement(fhir).reply
    if reply.type != "CapabilityStatement":
        expect.name(reply)
        expect.skip(
            "Pas de CapabilityStatement à comparer : voir SRV-CAP-01.",
            "There is no CapabilityStatement to compare: see SRV-CAP-01.",
        )
    before, now = lines(server.certified_capability), lines(reply.resource)
    for change, found in (("removed", before - now), ("added", now - before)):
        named = "; ".join(quoted(line) for line in sorted(found)[:NAMED])
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        expect.should(
            not found,
            expected=f"no line {change} since the last certified run",
            seen=f"{len(found)} {change}: {named}{more}",
            evidence=[reply],
        )
