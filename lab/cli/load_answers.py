"""What the answers of a load were worth as FHIR, printed: how many were judged, what was wrong, where."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from lab.cli.console import language, out, say
from lab.model.text import Text

_COUNTS = Text(
    fr="{} réponses sur {} jugées ({} différentes, {} en profondeur), {} invalides",
    en="{} answers out of {} judged ({} different, {} deeply), {} invalid",
)
_UNJUDGED = Text(fr="non jugées :", en="not judged:")
_MORE = Text(fr="autres défauts :", en="other defects:")
_SHOWN = 10


def tell_answers(answers: Mapping[str, Any]) -> None:
    """Print what a run document says of the answers of one profile."""
    counts = (answers[name] for name in ("judged", "answers", "distinct", "deep", "invalid"))
    out.print(say(_COUNTS).format(*counts), soft_wrap=True)
    tongue = language()
    for left in answers["unjudged"]:
        out.print(f"  {say(_UNJUDGED)} {left['answers']}, {left['reason'][tongue]}", soft_wrap=True)
    for one in answers["wrong"][:_SHOWN]:
        where = escape(f"{one['route']}: {one['where']}".rstrip(": "))
        said = escape(f"{one['says'][tongue]} ({one['rule']})")
        out.print(f"  [bold red]✗[/] {where}, {said}: {one['answers']}", soft_wrap=True)
    if left_out := answers["more"] + max(0, len(answers["wrong"]) - _SHOWN):
        out.print(f"  {say(_MORE)} {left_out}", soft_wrap=True)
