"""DocumentReference resources: the letter of each stay with nights that has ended, each imaging report.

LOINC types as the ANS uses them (TRE_A04): 34112-3 hospital stay, 18748-4 imaging.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.documents import Text, imaging_text, letter
from synthetic_data.facts.episodes import STAY
from synthetic_data.facts.readings import CONCLUSIONS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Column, Ints, Rows, integers, pick

_LETTER = ("34112-3", "Hospital Note", "Compte rendu d'hospitalisation")
_IMAGING = ("18748-4", "Diagnostic imaging study", "Compte rendu d'imagerie médicale")


def rows(block: Block) -> Iterator[Rows]:
    """Give the letters of a block, then its imaging reports."""
    letters = _letters(block)
    yield letters
    yield _reports(block, letters.count)


def _letters(block: Block) -> Rows:
    episodes = block.episodes
    stays = np.flatnonzero((episodes.kind == STAY) & (episodes.nights > 0) & episodes.ended)
    key = episodes.diagnosis[stays] * 2 + episodes.dies[stays]
    known, place = np.unique(key, return_inverse=True)
    texts = [letter(int(one) // 2, bool(one % 2)) for one in known]
    count = len(stays)
    return Rows(
        "document_reference",
        count,
        {
            "id": block.ids("doc", np.arange(count)),
            **_typed(_LETTER, count),
            **_attached(texts, place),
            "patient": block.patient_ids(episodes.person[stays]),
            "author": block.practitioner_ids(block.doctors[stays]),
            "encounter": block.ids("enc", stays),
            # It is handed over on leaving.
            "date": stamps(episodes.end[stays]),
            "start": stamps(episodes.start[stays]),
            "end": stamps(episodes.end[stays]),
            "report": Coded(np.zeros(count, np.int64), (None,)),
        },
    )


def _reports(block: Block, first: int) -> Rows:
    studies, episodes, readings = block.studies, block.episodes, block.readings
    count, rank = len(studies), np.arange(len(studies))
    diagnosis = episodes.diagnosis[studies.episode]
    key = (studies.act * len(CODES) + diagnosis) * len(CONCLUSIONS) + readings.conclusion
    _, chosen, place = np.unique(key, return_index=True, return_inverse=True)
    texts = [
        imaging_text(int(studies.act[one]), int(diagnosis[one]), int(readings.conclusion[one]))
        for one in chosen
    ]
    return Rows(
        "document_reference",
        count,
        {
            "id": block.ids("doc", first + rank),
            **_typed(_IMAGING, count),
            **_attached(texts, place),
            "patient": block.patient_ids(episodes.person[studies.episode]),
            "author": block.practitioner_ids(readings.reader),
            "encounter": block.ids("enc", studies.episode),
            "date": stamps(readings.issued),
            "start": stamps(studies.started),
            "end": stamps(readings.issued),
            "report": block.ids("imgrep", rank),
        },
    )


def _typed(type_: tuple[str, str, str], count: int) -> dict[str, Column]:
    one = np.zeros(count, np.int64)
    code, label, title = type_
    return {"type": Coded(one, (code,)), "type_label": Coded(one, (label,)), "title": Coded(one, (title,))}


def _attached(texts: Sequence[Text], place: Ints) -> dict[str, Column]:
    return {
        "data": pick([text.data for text in texts], place),
        "size": integers(np.array([text.size for text in texts], np.int64)[place]),
    }


KIND = Kind("DocumentReference", order=98, of_block=rows)
