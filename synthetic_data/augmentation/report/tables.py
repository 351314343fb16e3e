"""Lay the report out as tables of text, for the terminal and for Markdown alike."""

from dataclasses import dataclass

from synthetic_data.augmentation.report import wording
from synthetic_data.augmentation.report.document import Line, Report
from synthetic_data.augmentation.report.wording import Language, said
from synthetic_data.augmentation.verdict.figures import NAMES

_COUNTS = ("exact_copies",)


@dataclass(frozen=True, slots=True)
class TextGrid:
    """A title, a header and rows of as many cells."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grids(report: Report, language: Language) -> tuple[TextGrid, ...]:
    """Give the three tables of a report: columns, fidelity, privacy."""
    header = tuple(said(wording.CANDIDATES[name], language) for name in NAMES)
    measures = (said(wording.MEASURE, language), *header, said(wording.BAR, language))
    return (
        _columns(report, language),
        TextGrid(
            said(wording.FIDELITY, language), measures, tuple(_row(x, language) for x in report.fidelity)
        ),
        TextGrid(said(wording.PRIVACY, language), measures, tuple(_row(x, language) for x in report.privacy)),
    )


def facts(report: Report, language: Language) -> str:
    """Say in one sentence what was done."""
    if language == "en":
        return (
            f"{report.rows} artificial patients from {report.patients} ({report.learned} learned, "
            f"{report.held_out} held out); {report.method}, seed {report.seed}; {report.redrawn} "
            f"coincidences with a patient moved; prediction tested: {report.target}."
        )
    return (
        f"{report.rows} patients artificiels à partir de {report.patients} ({report.learned} appris, "
        f"{report.held_out} mis de côté) ; {report.method}, graine {report.seed} ; {report.redrawn} "
        f"coïncidences avec un patient déplacées ; prédiction testée : {report.target}."
    )


def _row(line: Line, language: Language) -> tuple[str, ...]:
    cells = [said(line.label, language)]
    for name in NAMES:
        if name not in line.values:
            cells.append("-")
            continue
        sign = {True: " ✔", False: " ✗", None: ""}[line.holds[name]]
        value = line.values[name]
        cells.append((f"{value:.0f}" if line.key in _COUNTS else f"{value:.3f}") + sign)
    return (*cells, line.bar or said(wording.INFORMATION, language))


def _columns(report: Report, language: Language) -> TextGrid:
    rows = []
    for line in report.columns:
        kept = "".join(
            f"; {word}: {', '.join(levels)}"
            for word, levels in (("→ other", line.pooled), ("→ ∅", line.suppressed))
            if levels
        )
        rows.append((
            line.name,
            line.kind + (f" ({said(wording.INFERRED, language)})" if line.inferred else "") + kept,
            f"{line.measure} {line.gap:.3f}",
            f"{line.measure} {line.truth_gap:.3f}",
            "-" if line.wasserstein is None else f"{line.wasserstein:.3f}",
            "-" if line.cramers_v is None else f"{line.cramers_v:.3f}",
            f"{line.missing_gap:.3f}",
        ))  # fmt: skip
    header = (
        said(wording.COLUMN, language),
        said(wording.TYPE, language),
        said(wording.CANDIDATES["augmented"], language),
        said(wording.CANDIDATES["truth"], language),
        "Wasserstein (SD)",
        "Cramér V",
        said(wording.MISSING, language),
    )
    return TextGrid(said(wording.COLUMNS, language), header, tuple(rows))
