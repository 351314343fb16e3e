"""The head of a Permission: that it is one, whether it is active, and from which day to which.

Days are those of UTC, as the gateway counts them. A time of day is rounded to whole days, inwards.
Spec: https://hl7.org/fhir/R5/datatypes.html#Period
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from lab.fhir.permission.form import DEFINITION
from lab.fhir.permission.refusal import refused
from lab.fhir.policy import Validity

STATUSES = ("active", "entered-in-error", "draft", "rejected")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_LAST_SECOND = time(23, 59, 59)


def check_definition(source: Mapping[str, Any], where: str = "Permission") -> None:
    """Check that it is a Permission.

    Raises:
        PermissionRefusedError: it is another resource, or an additional resource of another definition.
    """
    if source.get("resourceType") != "Permission":
        seen = ascii(source.get("resourceType"))[:60]
        raise refused(
            f"{where}.resourceType",
            f"attendu 'Permission', vu {seen} : donnez une ressource Permission.",
            f"expected 'Permission', saw {seen}: give a Permission resource.",
        )
    definition = source.get("resourceDefinition", "http://hl7.org/fhir/StructureDefinition/Permission")
    if not isinstance(definition, str) or not DEFINITION.fullmatch(definition):
        seen = ascii(definition)[:100]
        raise refused(
            f"{where}.resourceDefinition",
            f"attendu http://hl7.org/fhir/StructureDefinition/Permission|6.0.0, vu {seen} : corrigez.",
            f"expected http://hl7.org/fhir/StructureDefinition/Permission|6.0.0, saw {seen}: correct it.",
        )


def is_active(source: Mapping[str, Any], where: str = "Permission") -> bool:
    """Tell whether the status is active.

    Raises:
        PermissionRefusedError: it is no status of a Permission.
    """
    status: object = source.get("status")
    if status not in STATUSES:
        raise refused(
            f"{where}.status",
            f"attendu un de {', '.join(STATUSES)}, vu {status!r} : corrigez.",
            f"expected one of {', '.join(STATUSES)}, saw {status!r}: correct it.",
        )
    return status == "active"


def validity(source: Mapping[str, Any], where: str = "Permission") -> Validity:
    """Return from when to when the Permission is valid.

    Raises:
        PermissionRefusedError: a date is partial or none, or no whole day is left.
    """
    period = source.get("validity", {})
    start, end = period.get("start"), period.get("end")
    first = None if start is None else _first_day(start, f"{where}.validity.start")
    last = None if end is None else _last_day(end, f"{where}.validity.end")
    if first is not None and last is not None and first > last:
        raise refused(
            f"{where}.validity",
            f"aucun jour entier entre {start} et {end} : corrigez les dates.",
            f"no whole day from {start} to {end}: correct the dates.",
        )
    return Validity(first, last)


def _first_day(text: str, where: str) -> date:
    moment = _moment(text, where)
    if not isinstance(moment, datetime):
        return moment
    return moment.date() if moment.time() == time.min else moment.date() + timedelta(days=1)


def _last_day(text: str, where: str) -> date:
    moment = _moment(text, where)
    if not isinstance(moment, datetime):
        return moment
    return moment.date() if moment.time() >= _LAST_SECOND else moment.date() - timedelta(days=1)


def _moment(text: str, where: str) -> date | datetime:
    """Return a day, or a moment of UTC away from the ends of the calendar."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text) and not text.startswith(("0001", "9999")):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    raise refused(
        where,
        f"attendu une date complète (AAAA-MM-JJ), vu {text!r} : corrigez.",
        f"expected a full date (YYYY-MM-DD), saw {text!r}: correct it.",
    )
