"""Write the report as Markdown."""

from synthetic_data.augmentation.report import wording
from synthetic_data.augmentation.report.document import Report
from synthetic_data.augmentation.report.tables import TextGrid, facts, grids
from synthetic_data.augmentation.report.wording import Language, said


def markdown(report: Report, language: Language) -> str:
    """Give the whole report as text."""
    parts = [
        f"# {said(wording.TITLE, language)}",
        f"**{said(report.verdict, language)}**",
        facts(report, language),
    ]
    parts += [_grid(grid) for grid in grids(report, language)]
    parts += ["\n".join(f"- {said(limit, language)}" for limit in wording.LIMITS)]
    return "\n\n".join(parts) + "\n"


def _grid(grid: TextGrid) -> str:
    lines = [grid.header, tuple("---" for _ in grid.header), *grid.rows]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"## {grid.title}\n\n{table}"
