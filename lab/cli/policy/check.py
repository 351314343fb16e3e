"""``lab policy check``: a Permission in plain words, what is wrong with it, what the application will see."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from lab.cli.console import out, say
from lab.cli.policy.options import DayOption, LanguageOption, LibraryOption, compiled, day_of, speak, usage
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.fhir.policy import Policy

_STYLES = {" ": "dim", "-": "red", "+": "green"}
_SEEN = Text(
    "Ce que l'application voit d'un patient de sa cohorte (- caché, + mis à la place)",
    "What the application sees of a patient of its cohort (- hidden, + put in its place)",
)
_NO_PATIENT = Text(
    "L'application ne voit aucun patient : le type Patient n'est pas ouvert.",
    "The application sees no patient: the type Patient is not open.",
)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Permission, in JSON.")],
    client: Annotated[str, typer.Option(help="The application that it is for [its first actor].")] = "",
    library: LibraryOption = None,
    patient: Annotated[
        Path | None, typer.Option(help="A Patient, in JSON, to show [one of the synthetic hospital].")
    ] = None,
    day: DayOption = "",
    lang: LanguageOption = "",
) -> None:
    """Explain a Permission and say what is wrong with it; exit 0 when it is sound, 2 when it is not."""
    from lab.policy.reading import PolicyFileError, client_of, read_resource  # noqa: PLC0415

    speak(lang)
    today = day_of(day)
    try:
        source = read_resource(file)
        sample = _sample() if patient is None else read_resource(patient)
    except PolicyFileError as error:
        raise usage(error.text) from None
    client_id = client or client_of(source)
    policy = compiled(file, source, client_id, library)
    _print_policy(file, policy, client_id, today)
    _print_sample(policy, sample)


def _sample() -> dict[str, Any]:
    """Return a patient of the synthetic hospital."""
    from synthetic_data import HospitalPlan, generate  # noqa: PLC0415

    drawn = generate(HospitalPlan(seed=5, patients=1))
    return next(resource for resource in drawn if resource["resourceType"] == "Patient")


def _print_policy(file: Path, policy: "Policy", client_id: str, today: date) -> None:
    from lab.policy.description import describe  # noqa: PLC0415
    from lab.policy.wariness import warnings  # noqa: PLC0415

    found = warnings(policy, today)
    head = Text(
        f"appliquée exactement comme elle est écrite ({len(found)} avertissement(s))",
        f"enforced exactly as written ({len(found)} warning(s))",
    )
    out.print(f"[green]✓[/] [bold]{escape(file.name)}[/] {say(head)}", soft_wrap=True)
    for section in describe(policy, client_id, today):
        out.print(f"[bold]{say(section.title)}[/]")
        for line in section.lines:
            out.print(f"  {say(line)}", soft_wrap=True, markup=False)
    if found:
        out.print(f"[bold]{say(Text('Avertissements', 'Warnings'))}[/]")
    for text in found:
        out.print(f"  ! {say(text)}", soft_wrap=True, markup=False, style="yellow")


def _print_sample(policy: "Policy", sample: dict[str, Any]) -> None:
    from lab.policy.sample import before_and_after  # noqa: PLC0415

    if not any("Patient" in permit.cohorts for permit in policy.permits):
        out.print(f"[bold]{say(_NO_PATIENT)}[/]")
        return
    out.print(f"[bold]{say(_SEEN)}[/]")
    for line in before_and_after(policy, sample):
        out.print(f"  {line.mark} {line.text}", soft_wrap=True, markup=False, style=_STYLES[line.mark])
