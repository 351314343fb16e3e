"""``lab validate --official``: what HL7's own validator says of the same resources, beside ours."""

from pathlib import Path
from typing import TYPE_CHECKING

from lab.cli.console import out, say
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.validation.official import Opinion

_MOST_SHOWN = 20


def second_opinion(jar: Path, files: list[Path]) -> None:
    """Print how often both validators agree, and where they do not; ours alone decides the exit code.

    Raises:
        OfficialError: the validator could not be asked.
        ResourceFileError: a file holds no resources.
    """
    from lab.validation.check import check  # noqa: PLC0415
    from lab.validation.official import opinions  # noqa: PLC0415
    from lab.validation.resource_files import resources  # noqa: PLC0415

    found = [(path, line, resource) for path in files for line, resource in resources(path)]
    theirs = opinions(jar, [resource for _, _, resource in found])
    agreed, lines = 0, []
    for (path, line, resource), other in zip(found, theirs, strict=True):
        mine = check(resource).errors
        if bool(mine) == bool(other):
            agreed += 1
        elif mine:
            lines.append(_line(path, line, Text("ici seulement", "only here"), mine[0].path, mine[0].rule))
        else:
            lines.append(_theirs(path, line, other))
    counts = Text(
        f"Validateur officiel : {agreed} ressources sur {len(found)} jugées pareillement.",
        f"Official validator: {agreed} of {len(found)} resources judged alike.",
    )
    out.print(say(counts), soft_wrap=True)
    for shown in lines[:_MOST_SHOWN]:
        out.print(shown, soft_wrap=True, markup=False)
    if len(lines) > _MOST_SHOWN:
        out.print(f"  … {len(lines) - _MOST_SHOWN}", markup=False)


def _theirs(path: Path, line: int, found: "tuple[Opinion, ...]") -> str:
    return _line(path, line, Text("là-bas seulement", "only there"), found[0].path, found[0].key)


def _line(path: Path, line: int, who: Text, place: str, rule: str) -> str:
    return f"  {path.name}:{line} {say(who)}: {place} {rule}"
