"""Which search parameters have a slot in the resource row, and which indexes the slots have.

A slot holds what most resources have: for a token or a URI any set of them, for a reference one target, for a
date one interval no wider than ``WIDEST``, for a quantity one exact value. A resource whose values do not fit
has them all in the generic index instead, where every parameter without a slot is too: searches read both, so
that this table changes the cost of a search and never its result.

Each index serves the searches that fix its leading columns; ``low`` at its end gives them the order of dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

WIDEST = 25 * 3_600_000
"""Milliseconds: a day, even that of the change to winter time."""


@dataclass(frozen=True)
class Hot:
    """``slots`` gives the column of a parameter: ``date`` and ``quantity`` stand for two each."""

    slots: Mapping[str, str] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()


COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"date": ("low", "high"), "quantity": ("number", "unit")}
)
"""The columns of the slots that need two."""

NOTHING = Hot()

HOT: Mapping[str, Hot] = MappingProxyType(
    {
        "Observation": Hot(
            {
                "status": "token1",
                "category": "token2",
                "code": "token3",
                "value-concept": "token4",
                "subject": "reference1",
                "encounter": "reference2",
                "specimen": "reference3",
                "based-on": "reference4",
                "performer": "reference5",
                "_profile": "token5",
                "date": "date",
                "value-quantity": "quantity",
            },
            (
                ("reference1", "token3", "low"),
                ("reference1", "low"),
                ("token3", "low"),
                ("low",),
                ("reference2",),
                ("reference3",),
                ("reference4",),
                ("reference5",),
            ),
        ),
        "Encounter": Hot(
            {
                "status": "token1",
                "class": "token2",
                "type": "token3",
                "reason-code": "token4",
                "participant-type": "token5",
                "_profile": "token6",
                "subject": "reference1",
                "service-provider": "reference2",
                "part-of": "reference3",
                "location": "reference4",
                "participant": "reference5",
            },
            (
                ("reference1",),
                ("reference2",),
                ("reference3",),
                ("reference4",),
                ("reference5",),
                ("token4",),
            ),
        ),
        "ImagingStudy": Hot(
            {
                "status": "token1",
                "modality": "token2",
                "reason": "token3",
                "subject": "reference1",
                "encounter": "reference2",
                "basedon": "reference3",
                "based-on": "reference3",
                "started": "date",
            },
            (("reference1", "low"), ("reference2",), ("reference3",), ("low",)),
        ),
        "Patient": Hot(
            {
                "gender": "token1",
                "active": "token2",
                "_profile": "token3",
                "language": "token4",
                "address-use": "token5",
                "organization": "reference1",
                "birthdate": "date",
            },
            (("reference1",), ("low",)),
        ),
    }
)
"""The types that a hospital has by the million; all others live in the generic index.

Releases give a parameter two names (``basedon`` of R4 is ``based-on`` of R5); a store knows one of them.
"""


def hot(type_: str) -> Hot:
    """Return what is hot of a type."""
    return HOT.get(type_, NOTHING)


def index_name(type_: str, columns: tuple[str, ...]) -> str:
    """Return the name of an index of slots."""
    return f"hot_{type_.lower()}_{'_'.join(columns)}"
