"""The strangers: where each is had from, the program that uses it, and the steps that are its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parent / "programs"
COMMON = ("capabilities", "read", "search_by_identifier", "search_to_the_end", "search_of_a_patient")
COMMON += ("create", "update", "history", "conditional_update", "transaction", "batch")


@dataclass(frozen=True)
class Stranger:
    """One client: ``command`` runs its program, given where it is installed.

    ``more`` are the steps of every client's list that this one can also do; ``own`` are those whose value is
    its own, most of them the error that it raises.
    """

    name: str
    installed: str
    command: Callable[[Path], list[str]]
    more: tuple[str, ...]
    own: Mapping[str, Any]

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the names of all its steps."""
        return (*COMMON, *self.more, *self.own)


def _python(program: str) -> Callable[[Path], list[str]]:
    return lambda folder: [str(folder / "bin" / "python"), str(PROGRAMS / program)]


def _errors(changed: str, unknown: str, gone: str) -> dict[str, Any]:
    """Name the errors for a resource that has changed (412), never was (404) and has been deleted (410)."""
    return {
        "stale_update": changed,
        "rolled_back": [changed, 0],
        "missing": unknown,
        "conditional_delete": gone,
        "delete": gone,
    }


_OUTCOME = "OperationOutcome"
_FHIRPY = _errors("MultipleResourcesFound", "ResourceNotFound", "ResourceNotFound")

STRANGERS = (
    Stranger(
        "fhirclient",
        "python",
        _python("fhirclient_steps.py"),
        ("include", "read_a_version", "conditional_create", "everything"),
        _errors("HTTPError 412", "FHIRNotFoundException 404", "HTTPError 410"),
    ),
    Stranger(
        "fhirpy",
        "python",
        _python("fhirpy_steps.py"),
        ("include", "count", "refresh", "read_a_version", "conditional_create", "everything", "validate"),
        {**_FHIRPY, "patch": _OUTCOME},  # what it sends is a merge patch, which R4 does not have
    ),
    Stranger("fhirpy_async", "python", _python("fhirpy_async_steps.py"), ("refresh",), _FHIRPY),
    Stranger(
        "fhir-kit-client",
        "node",
        lambda folder: ["node", str(PROGRAMS / "fhir_kit_steps.mjs"), str(folder)],
        ("include", "search_posted", "read_a_version", "conditional_create", "everything"),
        {
            **_errors(f"Error 412 {_OUTCOME}", f"Error 404 {_OUTCOME}", f"Error 410 {_OUTCOME}"),
            "patch": "male",
            "history_of_type": True,
            "history_of_server": True,
            "search_a_compartment": f"Error 404 {_OUTCOME}",  # not declared
            "page_back": "no previous link",  # pages go forward only
        },
    ),
    Stranger(
        "hapi",
        "hapi",
        lambda folder: ["java", "-cp", f"{folder}/*", str(PROGRAMS / "HapiSteps.java")],
        (
            "include",
            "search_posted",
            "count",
            "read_a_version",
            "conditional_create",
            "everything",
            "validate",
        ),
        {
            **_errors(
                f"PreconditionFailedException 412 {_OUTCOME}",
                f"ResourceNotFoundException 404 {_OUTCOME}",
                f"ResourceGoneException 410 {_OUTCOME}",
            ),
            "patch": "male",
            "json_patch": "unknown",
            "history_of_type": True,
            "history_of_server": True,
            "xml": f"UnclassifiedServerFailureException 406 {_OUTCOME}",  # not declared
        },
    ),
)
