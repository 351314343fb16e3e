"""The bounds of the values of sampled data, on which a quantity search compares it.

Spec: https://hl7.org/fhir/R4/datatypes.html#SampledData
"""

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_ENDS = {"L": "lowerLimit", "U": "upperLimit"}


def sampled_limits(node: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the least and the greatest sample in the unit of the origin; None when there is none.

    A sample is written as it was measured, times ``factor``, plus the origin; L and U stand for the limits of
    detection and E for no sample at all.
    """
    origin = node.get("origin")
    zero = origin.get("value") if isinstance(origin, dict) else None
    data, factor = node.get("data"), node.get("factor", 1)
    if not (isinstance(zero, int | float) and isinstance(data, str) and isinstance(factor, int | float)):
        return None
    samples = [_sample(text, node) for text in data.split()]
    values = [float(zero) + sample * float(factor) for sample in samples if sample is not None]
    return (min(values), max(values)) if values else None


def _sample(text: str, node: Mapping[str, Any]) -> float | None:
    if text in _ENDS:
        limit = node.get(_ENDS[text])
        return float(limit) if isinstance(limit, int | float) else None
    return float(text) if _NUMBER.fullmatch(text) else None
