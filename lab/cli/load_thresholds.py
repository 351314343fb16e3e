"""The thresholds of a load, printed: met or not, the value, its interval, the samples."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape

from lab.cli.console import out, say
from lab.model.text import Text

_NO_SAMPLE = Text(fr="aucune mesure", en="no sample")


def tell_thresholds(thresholds: Iterable[Mapping[str, Any]]) -> None:
    """Print each threshold of a run document on a line of its own."""
    for one in thresholds:
        sign = "[green]✔[/]" if one["met"] else "[bold red]✗[/]"
        value = say(_NO_SAMPLE) if one["value"] is None else f"{one['value']:.4g}"
        sure = [f"{end:.4g}" if end is not None else "–" for end in (one["low"], one["high"])]
        between = f" [{' … '.join(sure)}]" if sure != ["–", "–"] else ""
        out.print(f"  {sign} {escape(one['expression'])}: {value}{escape(between)} ({one['samples']})")
