"""What one consumer sees of the board: levels 4 (cohort) and 5 (attributes).

Every request is evaluated on this view, never filtered afterwards: outside it nothing exists.
Specs: https://hl7.org/fhir/R4/extension-data-absent-reason.html, SUBSETTED of v3-ObservationValue.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from tableau_urgences.board import Board
from tableau_urgences.facade.consumers import Consumer
from tableau_urgences.facade.elements import ELEMENTS
from tableau_urgences.fhir import (
    ABSENT_REASON,
    JSON,
    is_restricted,
    items,
    part,
    patient_of,
    place_of,
    referenced,
)

View = dict[str, dict[str, JSON]]

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_ABOUT_PATIENTS = {"Encounter", "Patient"}
_ABSENT = {"extension": [{"url": ABSENT_REASON, "valueCode": "masked"}]}


class Views:
    """The views of all consumers, made again when the board has changed."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._views: dict[str, tuple[int, View]] = {}

    def of(self, consumer: Consumer) -> View:
        """Return the resources by type and id, in the order of ids."""
        revision, view = self._views.get(consumer.client_id, (-1, {}))
        if revision != self._board.revision:
            view = _project(self._board, consumer, view)
            self._views[consumer.client_id] = (self._board.revision, view)
        return view


def _project(board: Board, consumer: Consumer, previous: View) -> View:
    # Whose record replaces that of somebody in the cohort is not in it for that: a link opens nothing.
    cohort = {
        patient
        for patient, encounter in board.latest_encounters().items()
        if consumer.sees_place(place_of(encounter)) and patient in board.held["Patient"]
    }
    inside = {
        "Patient": {id_: found for id_, found in board.held["Patient"].items() if id_ in cohort},
        "Encounter": {
            id_: found
            for id_, found in board.held["Encounter"].items()
            if patient_of(found) in cohort  # a patient is seen whole, at whatever site its stays were
        },
        "Location": {id_: found for id_, found in board.held["Location"].items() if consumer.sees_place(id_)},
    }
    return {
        type_: {
            id_: _shown(inside[type_][id_], consumer, cohort, previous.get(type_, {}).get(id_))
            for id_ in sorted(inside[type_])
            if not is_restricted(inside[type_][id_])
        }
        for type_ in inside
    }


def _shown(resource: JSON, consumer: Consumer, cohort: set[str], previous: JSON | None) -> JSON:
    """Return the resource as the consumer may see it.

    A version that changes nothing visible is no version for this consumer: it keeps the meta of the last.
    """
    shown = copy.deepcopy(resource)
    # A narrative is HTML that somebody else wrote; it may carry a program, and who serves it answers for it.
    narrated = shown.pop("text", None) is not None
    _hide_strangers(shown, cohort)
    if not consumer.masked or shown["resourceType"] not in _ABOUT_PATIENTS:
        return shown
    hidden = [path for path in consumer.masked if path.startswith(f"{shown['resourceType']}.")]
    changed = shown.pop("contained", None) is not None or narrated
    changed |= _hide_labels(shown, consumer.masked)
    for path in sorted(hidden):
        _mask(shown, path)
    if hidden or changed:
        shown["meta"] = {k: v for k, v in part(shown, "meta").items() if k not in {"security", "tag"}}
        shown["meta"]["tag"] = [SUBSETTED]
    if previous is not None and _without_meta(previous) == _without_meta(shown):
        shown["meta"] = previous.get("meta", {})
    return shown


def _mask(resource: JSON, path: str) -> None:
    """Remove an element in all its forms; a mandatory one says that it is masked."""
    type_, _, element = path.partition(".")
    for name in [name for name in resource if _carries(name, element)]:
        del resource[name]
    shadows = ELEMENTS[path].shadows
    kept = [extension for extension in items(resource, "extension") if extension.get("url") not in shadows]
    if "extension" in resource:
        resource["extension"] = kept
        if not kept:
            del resource["extension"]
    match ELEMENTS[path].mandatory:
        case "primitive":
            resource[f"_{element}"] = copy.deepcopy(_ABSENT)
        case "object":
            resource[element] = copy.deepcopy(_ABSENT)
        case "list":
            resource[element] = [copy.deepcopy(_ABSENT)]
    if type_ == "Encounter" and element in {"status", "class"}:
        resource.pop(f"{element}History", None)


def _carries(name: str, element: str) -> bool:
    """Tell whether a JSON name is the element, its ``_`` sibling, or a choice of its type."""
    plain = name.removeprefix("_")
    return plain == element or (element in {"deceased", "multipleBirth"} and plain.startswith(element))


def _hide_labels(resource: JSON, masked: frozenset[str]) -> bool:
    """Remove from references to patients what repeats a masked name or identifier."""
    closed = [
        label
        for label, path in (("display", "Patient.name"), ("identifier", "Patient.identifier"))
        if path in masked
    ]
    changed = False
    for reference in _references(resource):
        if referenced(reference, "Patient"):
            for label in closed:
                changed |= reference.pop(label, None) is not None
    return changed


def _hide_strangers(resource: JSON, cohort: set[str]) -> None:
    """Remove what a reference tells of a patient outside the cohort, links between records first."""
    if links := items(resource, "link"):
        resource["link"] = [link for link in links if _is_inside(part(link, "other"), cohort)]
        if not resource["link"]:
            del resource["link"]
    for reference in _references(resource):
        if not _is_inside(reference, cohort):
            reference.pop("display", None)
            reference.pop("identifier", None)


def _is_inside(reference: JSON, cohort: set[str]) -> bool:
    patient = referenced(reference, "Patient")
    return not patient or patient in cohort


def _references(node: Any) -> Iterator[JSON]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node
        for value in node.values():
            yield from _references(value)


def _without_meta(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != "meta"}
