"""The columns of a Patient that say how far its identity can be trusted, and which records are one person."""

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import dates
from synthetic_data.facts.identity_status import ATTRIBUTES, DOCUMENTS, METHODS, STATUSES
from synthetic_data.facts.journeys import NONE
from synthetic_data.templating.columns import Coded, Column, Ints, Plain, texts


def reliability(block: Block) -> dict[str, Column]:
    """Give status, attribute, how and when the INS was obtained, what document was shown and when."""
    known = block.identity_statuses
    return {
        "identity_status": Coded(known.status, STATUSES),
        "identity_attribute": or_missing(known.attribute, ATTRIBUTES),
        "collection_method": or_missing(known.method, METHODS),
        "collection_date": _dates_or_missing(known.collected),
        "validation_mode": or_missing(known.document, DOCUMENTS),
        "validation_date": _dates_or_missing(known.validated),
    }


def merges(block: Block, ipp: Plain) -> dict[str, Column]:
    """Give which records are active, and what links the others to those that replace them.

    The survivor, written first, names its duplicate by its IPP: a reference would point to what is not there
    yet when a server loads one after the other.
    """
    same_as = block.people.same_as
    duplicates = np.flatnonzero(same_as != NONE)
    replaced = same_as[duplicates]
    survivors = np.full(len(same_as), None, object)
    survivors[replaced] = ipp.array.take(duplicates).to_pylist()
    targets = np.full(len(same_as), None, object)
    targets[duplicates] = block.patient_ids(replaced).array.to_pylist()
    return {
        "active": Coded((same_as == NONE).astype(np.int64), (False, True)),
        "replaced_by": texts(targets),
        "replaces": texts(survivors),
    }


def or_missing(ranks: Ints, names: tuple[str, ...]) -> Coded:
    """Make a column of names by rank, NONE being a missing one."""
    return Coded(np.where(ranks == NONE, len(names), ranks), (*names, None))


def _dates_or_missing(days: Ints) -> Plain:
    return dates(np.maximum(days, 0), days != NONE)
