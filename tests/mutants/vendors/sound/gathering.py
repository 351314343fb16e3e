"""What is gathered about patients: compartments, everything of one, bulk exports.

Spec: https://hl7.org/fhir/R4/http.html#vsearch, https://hl7.org/fhir/R4/operation-patient-everything.html
"""

from typing import Any

from tests.mutants.vendors.sound.cohort import patients
from tests.mutants.vendors.sound.message import Answer, Refused, Request, listed, nothing_there
from tests.mutants.vendors.sound.parameters import PARAMETERS
from tests.mutants.vendors.sound.tokens import Caller


class Gathering:
    """The parts that it uses are those of ``Vendor``."""

    base: str
    store: Any
    scopes: Any
    cohort: Any
    searches: Any
    resources: Any
    exports: Any
    allowed: Any
    sees: Any
    view: Any
    refuse_times: Any

    def compartment(self, caller: Caller, request: Request, id_: str, inner: str) -> Answer:
        """Answer a search in the compartment of a patient."""
        if inner != "*":
            self.allowed(caller, inner, "s", "compartment")
        patient = self.store.current("Patient", id_)
        if patient is None or not self.sees(caller, patient, "compartment"):
            raise nothing_there()
        types = (
            [inner]
            if inner != "*"
            else [t for t in PARAMETERS if self.scopes.allows(caller.scopes, t, "s", "compartment")]
        )
        if inner != "*" and "patient" in PARAMETERS[inner]:
            return self.searches.answer(caller, inner, [*request.parameters, ("patient", id_)], "compartment")
        self.refuse_times(request)
        found = [
            b
            for t in types
            if t != "Patient"
            for b in self.view(caller, t, "compartment")
            if id_ in patients(b)
        ]
        entries = [self.searches.entry(caller, body, "match", [], "compartment") for body in found]
        return listed("searchset", entries)

    def everything(self, caller: Caller, request: Request, id_: str) -> Answer:
        """Answer a patient and all that is about it."""
        self.refuse_times(request)
        self.allowed(caller, "Patient", "r", "everything")
        patient = self.store.current("Patient", id_)
        if patient is None or not self.sees(caller, patient, "everything"):
            raise nothing_there()
        types = [t for t in PARAMETERS if t != "Patient" and self.may(caller, t, "everything")]
        found = [
            patient,
            *(b for t in types for b in self.view(caller, t, "everything") if id_ in patients(b)),
        ]
        entries = [self.searches.entry(caller, body, "match", [], "everything") for body in found]
        return listed("searchset", entries)

    def may(self, caller: Caller, type_: str, way: str) -> bool:
        """Tell whether a type may be read and searched."""
        return all(self.scopes.allows(caller.scopes, type_, right, way) for right in "rs")

    def export(self, caller: Caller, request: Request, parts: list[str]) -> Answer:
        """Start a bulk export of what the caller sees."""
        asked = dict(request.parameters)
        if set(asked) - {"_type", "_outputFormat"}:
            raise Refused(400, "invalid", "A parameter of this request is not available.")
        if "respond-async" not in request.header("prefer"):
            raise Refused(400, "invalid", "Send Prefer: respond-async.")
        only: set[str] | None = None
        if parts[0] == "Group":
            group = self.store.current("Group", parts[1])
            if group is None or not self.sees(caller, group, "export"):
                raise nothing_there()
            only = set(self.cohort.members(parts[1]))
        types = (
            asked["_type"].split(",")
            if "_type" in asked
            else [t for t in PARAMETERS if self.may(caller, t, "export")]
        )
        for type_ in types:
            if type_ not in PARAMETERS:
                raise Refused(400, "invalid", "A type of this request is not known.")
            self.allowed(caller, type_, "r", "export")
        held = {
            t: [
                self.resources.shown(caller, body, "export")
                for body in self.view(caller, t, "export")
                if only is None or patients(body) & only
            ]
            for t in types
        }
        return self.exports.start(caller.client.id, f"{self.base}/{'/'.join(parts)}", held)
