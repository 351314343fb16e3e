"""What a permit hides: paths of elements, in an extension of the rule (R5) or in ``rule.limit`` (R6).

Spec: https://hl7.org/fhir/R4/fhirpath.html#simple
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lab.fhir.element_path import ElementPath, PathError, parse_path
from lab.fhir.element_types import elements_along, has_element, resource_types
from lab.fhir.permission.extensions import LIMIT, check_only, parts
from lab.fhir.permission.refusal import refused
from lab.model.release import Release

_ENVELOPES = frozenset({"Bundle", "OperationOutcome", "Parameters"})
"""Types that the server answers with: a mask on them would break its own answers."""


def extension_masks(
    extensions: Iterable[Mapping[str, Any]], where: str, release: Release
) -> Iterator[ElementPath]:
    """Yield the masks of the extensions that name some, on resources of a release.

    Raises:
        PermissionRefusedError: a path cannot be enforced.
    """
    for kind, text in parts(extensions, LIMIT):
        if kind not in {"element", "path"}:
            raise refused(
                where, f"attendu element ou path, vu {kind!r}.", f"expected element or path, saw {kind!r}."
            )
        yield mask(text, where, release, simple=kind == "element")


def limit_masks(limit: Mapping[str, Any], where: str, release: Release) -> Iterator[ElementPath]:
    """Yield the masks of a ``limit`` of R6, on resources of a release.

    Raises:
        PermissionRefusedError: a path cannot be enforced.
    """
    for text in limit.get("element", []):
        yield mask(text, f"{where}.element", release, simple=True)
    for text in limit.get("path", []):
        yield mask(text, f"{where}.path", release)
    modifiers = limit.get("modifierExtension", [])
    check_only(modifiers, (LIMIT,), f"{where}.modifierExtension")
    yield from extension_masks(modifiers, f"{where}.modifierExtension", release)


def mask(text: str, where: str, release: Release, *, simple: bool = False) -> ElementPath:
    """Read the path of an element to hide; a ``simple`` one chooses no systems.

    Raises:
        PermissionRefusedError: the release has no such element, or hiding it is not possible.
    """
    try:
        path = parse_path(text, release)
    except PathError as error:
        raise refused(
            where,
            f"chemin impossible à masquer : {text!r}. Attendu Type.element, ou "
            "Type.element.where(system in ('a' | 'b')).",
            str(error),
        ) from None
    along = elements_along(path.type, path.elements, release)
    if path.type not in resource_types(release) or not along:
        raise refused(
            where,
            f"{path} n'est pas un élément de FHIR {release} : le masque ne cacherait rien. Corrigez le "
            "chemin (un choix de type s'écrit sans le type : Observation.value).",
            f"{path} is no element of FHIR {release}: a mask on it would hide nothing. Correct the path "
            "(a choice of type is written without the type: Observation.value).",
        )
    if path.type in _ENVELOPES or path.elements == ("id",):
        raise refused(
            where,
            f"{path} ne peut pas être masqué : le serveur en a besoin pour répondre. Retirez ce masque.",
            f"{path} cannot be masked: the server needs it to answer. Remove this mask.",
        )
    if path.systems and simple:
        raise refused(
            where, "un choix de system s'écrit dans path.", "a choice of systems is written in path."
        )
    last = along[-1]
    listed = last.repeats and not any(one.choice for one in along)
    chosen = listed and has_element(last.types[0], "system", release)
    if path.systems and not chosen:
        raise refused(
            where,
            f"{path} n'est pas une liste d'éléments qui ont un system : masquez l'élément entier.",
            f"{path} is no list of items with a system: mask the whole element.",
        )
    return path
