"""Augment a cohort: read, fit, draw, measure, judge, write."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synthetic_data.augmentation.candidates import candidates_of
from synthetic_data.augmentation.measured import measured
from synthetic_data.augmentation.measures.encoding import encoding_of
from synthetic_data.augmentation.measures.usefulness import target_of
from synthetic_data.augmentation.reading.admission import refuse_request
from synthetic_data.augmentation.reading.cohort import Cohort, read_cohort
from synthetic_data.augmentation.report.document import Report, report_of
from synthetic_data.augmentation.report.outputs import refuse_output, write_outputs
from synthetic_data.augmentation.report.wording import Language
from synthetic_data.augmentation.verdict.judge import judge


@dataclass(frozen=True, slots=True)
class Request:
    """What the user wants: `rows` artificial patients of the cohort in `folder`, written in `out`."""

    folder: Path
    out: Path
    rows: int = 10_000
    seed: int = 2023
    target: str | None = None
    language: Language = "fr"


def augment_cohort(request: Request, on_read: Callable[[Cohort], None] = lambda _: None) -> Report:
    """Serve a request; `on_read` hears of the cohort as soon as it is admitted.

    Raises:
        Refusal: the request or the cohort cannot be served, or nothing can be written there.
    """
    refuse_request(request.rows, request.seed)
    refuse_output(request.out)
    cohort = read_cohort(request.folder)
    encoding = encoding_of(cohort.table)
    target = target_of(cohort.table, request.target, encoding)
    on_read(cohort)
    candidates = candidates_of(cohort.table, encoding, request.rows, request.seed)
    figures = measured(candidates, encoding, target, request.seed)
    report = report_of(cohort, candidates, figures, judge(figures), target, request.seed)
    write_outputs(request.folder, request.out, candidates.released, report, request.language)
    return report
