"""What a check of the vendor said of its application: shown beside the verdict, never part of it."""

from dataclasses import dataclass

from lab.model.text import Text
from lab.model.words import Outcome

PREFIX = "OWN-"
"""Begins the id of every check of a vendor, so that none is taken for one of the laboratory."""


@dataclass(frozen=True)
class VendorFinding:
    """The outcome of one check of the vendor, as its own process told it."""

    check: str
    title: Text
    outcome: Outcome
    message: Text
