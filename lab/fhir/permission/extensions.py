"""The extensions of the laboratory: what no element of Permission can say, and what must not be ignored.

Both are modifier extensions on a rule or a limit: whoever does not know them must refuse the Permission.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lab.fhir.permission.refusal import refused

NETWORK = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-network"
LIMIT = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-limit"
KNOWN = (NETWORK, LIMIT)


def parts(extensions: Iterable[Mapping[str, Any]], url: str) -> list[tuple[str, str]]:
    """Return the (url, value) of every part of the extensions of that url."""
    return [
        (part.get("url", ""), part.get("valueString", ""))
        for extension in extensions
        if extension.get("url") == url
        for part in extension.get("extension", [])
    ]


def check_only(extensions: Iterable[Mapping[str, Any]], allowed: tuple[str, ...], where: str) -> None:
    """Check that no extension of another url stands in a place.

    Raises:
        PermissionRefusedError: one does.
    """
    for extension in extensions:
        if extension.get("url") not in allowed:
            raise refused(
                where,
                f"{extension.get('url')} n'a pas sa place ici ; l'ignorer élargirait l'accès : retirez-la.",
                f"{extension.get('url')} has no place here, and ignoring it would widen access: remove it.",
            )
