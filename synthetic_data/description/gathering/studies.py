"""The imaging studies of a block, counted as the hospital counts them."""

from collections import Counter

import orjson

from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.shapes import Shapes

# A PET study carries a CT series and counts as PET only; then MRI, then CT.
_MODALITIES = (("PT", "tep"), ("MR", "irm"), ("CT", "scanner"))


def studies_of(content: bytes, _file: DataFile, _shapes: Shapes) -> Counter[str]:
    """Count the studies of each of the three published kinds."""
    counts: Counter[str] = Counter()
    for line in content.split(b"\n"):
        if line:
            study = orjson.loads(line)
            codes = {one.get("code") for one in study.get("modality", [])}
            codes |= {one.get("modality", {}).get("code") for one in study.get("series", [])}
            counts.update([name for code, name in _MODALITIES if code in codes][:1])
    return counts
