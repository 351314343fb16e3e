"""A sentence of a specification (or a rule of the hospital) that an application must satisfy."""

from dataclasses import dataclass

from lab.model.words import Expectation


@dataclass(frozen=True)
class Requirement:
    """One row of a requirement set; ``id`` is ``set@row`` (for example ``fhir-r4@http-read-1``).

    ``references`` are catalogues of weaknesses and public cases: OWASP API 2023, ASVS 5.0, CWE, issues.
    """

    id: str
    text: str
    url: str
    expectation: Expectation
    not_tested_reason: str = ""
    references: tuple[str, ...] = ()
