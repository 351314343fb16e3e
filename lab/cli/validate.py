"""``lab validate``: check FHIR files against R4, the profiles they claim and French identifiers."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lab import __version__
from lab.cli.console import err, out, say
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.validation.overlay import Overlay
    from lab.validation.report import NotChecked
    from lab.validation.tally import Tally

DEFECTS, USAGE = 1, 2
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON, NDJSON or .ndjson.zst files.")]
Profiles = Annotated[
    list[str] | None,
    typer.Option("--profile", metavar="URL", help="Check the resources of its type against it too."),
]
Guides = Annotated[
    list[Path] | None,
    typer.Option("--ig", metavar="FILE.tgz", help="Load this implementation guide beside FR Core 2.2.0."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate")(validate)


def validate(
    files: Files,
    profile: Profiles = None,
    ig: Guides = None,
    release: Annotated[
        Literal["R4", "R5"], typer.Option("--fhir", help="The release of FHIR that the files are of.")
    ] = "R4",
    official: Annotated[
        Path | None,
        typer.Option(metavar="JAR", help="Ask HL7's validator_cli.jar too, and say where it differs."),
    ] = None,
) -> None:
    """Check FHIR files; exit 0 when no defect is found, 1 when one is, 2 when a file is no FHIR file."""
    from lab.validation.ig import IgError  # noqa: PLC0415
    from lab.validation.resource_files import ResourceFileError  # noqa: PLC0415
    from lab.validation.tally import Tally  # noqa: PLC0415

    total = Tally()
    if release == "R5" and (profile or ig or official):
        _refuse_profiles()
    try:
        overlay, missing = _profiles(ig or [])
        wanted = {url: _type_of(url, overlay) for url in profile or []}
        for path in files:
            tally = _file(path, overlay, wanted) if release == "R4" else _file_r5(path)
            _print_file(path, tally)
            total += tally
    except (IgError, ResourceFileError) as error:
        err.print(f"[bold red]✗[/] {say(error.text)}", soft_wrap=True, highlight=False)
        raise typer.Exit(USAGE) from None
    if not total.resources:
        nothing = Text("Aucune ressource à vérifier.", "No resource to check.")
        err.print(f"[bold red]✗[/] {say(nothing)}")
        raise typer.Exit(USAGE)
    total.not_checked.update([*missing, *_unused(wanted, total)])
    _print_coverage(total)
    if official:
        _ask_official(official, files)
    raise typer.Exit(DEFECTS if total.wrong else 0)


def _ask_official(jar: Path, files: list[Path]) -> None:
    from lab.cli.second_opinion import second_opinion  # noqa: PLC0415
    from lab.validation.official import OfficialError  # noqa: PLC0415

    try:
        second_opinion(jar, files)
    except OfficialError as error:
        err.print(f"[bold red]✗[/] {say(error.text)}", soft_wrap=True, highlight=False)
        raise typer.Exit(USAGE) from None


def _profiles(paths: list[Path]) -> "tuple[Overlay, list[NotChecked]]":
    from lab.validation.ig import Library, load  # noqa: PLC0415
    from lab.validation.overlay import SHIPPED, fr_core  # noqa: PLC0415
    from lab.validation.report import NotChecked  # noqa: PLC0415

    if not paths:
        return fr_core(), []
    library = Library(tuple(load(path) for path in paths))
    missing = [
        NotChecked("package", f"{needed.name}#{needed.version}", "not-loaded", needed.needed_by)
        for needed in library.missing(SHIPPED)
    ]
    return fr_core().extended(library), missing


def _type_of(url: str, overlay: "Overlay") -> str:
    profile = overlay.find(url)
    if profile is None:
        sentence = Text(
            f"Profil inconnu : {url}. Chargez le guide qui le définit (--ig FICHIER.tgz).",
            f"Unknown profile: {url}. Load the guide that defines it (--ig FILE.tgz).",
        )
        err.print(f"[bold red]✗[/] {say(sentence)}", soft_wrap=True, highlight=False)
        raise typer.Exit(USAGE)
    return profile.type


def _file(path: Path, overlay: "Overlay", wanted: dict[str, str]) -> "Tally":
    from lab.validation.check import check  # noqa: PLC0415
    from lab.validation.resource_files import resources  # noqa: PLC0415
    from lab.validation.tally import Tally  # noqa: PLC0415

    tally = Tally()
    for line, resource in resources(path):
        type_ = resource.get("resourceType")
        claims = [url for url, of_type in wanted.items() if of_type == type_]
        tally.add(line, check(resource, profiles=overlay, claims=claims))
    return tally


def _file_r5(path: Path) -> "Tally":
    from lab.validation.r5 import check_r5  # noqa: PLC0415
    from lab.validation.resource_files import resources  # noqa: PLC0415
    from lab.validation.tally import Tally  # noqa: PLC0415

    tally = Tally()
    for line, resource in resources(path):
        tally.add(line, check_r5(resource))
    return tally


def _refuse_profiles() -> None:
    sentence = Text(
        "Profils, guides et second avis sont de R4 : ni --profile, ni --ig, ni --official avec --fhir R5.",
        "Profiles, guides and second opinion are of R4: no --profile, --ig or --official with --fhir R5.",
    )
    err.print(f"[bold red]✗[/] {say(sentence)}", soft_wrap=True, highlight=False)
    raise typer.Exit(USAGE)


def _unused(wanted: dict[str, str], total: "Tally") -> "Iterator[NotChecked]":
    from lab.validation.report import NotChecked  # noqa: PLC0415

    for url in wanted:
        if not any(url.partition("|")[0] == used.partition("|")[0] for used in total.checked_against):
            yield NotChecked("profile", url, "no-such-resource")


def _print_file(path: Path, tally: "Tally") -> None:
    from lab.validation.sentences import about  # noqa: PLC0415

    errors, warnings = tally.count("error"), tally.count("warning")
    counts = Text(
        f"{tally.resources} ressources, {tally.wrong} avec défaut, {errors} erreurs, "
        f"{warnings} avertissements",
        f"{tally.resources} resources, {tally.wrong} with a defect, {errors} errors, {warnings} warnings",
    )
    sign = "[bold red]✗[/]" if tally.wrong else "[green]✓[/]"
    out.print(f"{sign} [bold]{path.name}[/] {say(counts)}", soft_wrap=True)
    for finding, number in sorted(tally.findings.items(), key=lambda item: (-item[1], item[0])):
        line, place = tally.first[finding]
        mark = "✗" if finding.severity == "error" else "!"
        source = f" {finding.source.rpartition('/')[2]}" if finding.source else ""
        element = f" {finding.element}" if finding.element else ""
        where = Text(f"{number} fois, d'abord ligne {line}", f"{number} times, first at line {line}")
        lines = f"  {mark} {place} {finding.rule}: {say(about(finding))}.{source}{element} ({say(where)})"
        out.print(lines, soft_wrap=True, markup=False)


def _print_coverage(total: "Tally") -> None:
    from lab.validation.sentences import left_out  # noqa: PLC0415

    out.print(say(Text("Vérifié par rapport à :", "Checked against:")))
    for name, number in sorted(total.checked_against.items()):
        out.print(f"  {name} ({number})", soft_wrap=True, markup=False)
    out.print(say(Text("Non vérifié :", "Not checked:")))
    for item, number in sorted(total.not_checked.items()):
        out.print(f"  {say(left_out(item))} ({number})", soft_wrap=True, markup=False)
    if total.wrong:
        verdict = Text(
            f"{total.wrong} ressources sur {total.resources} ont un défaut.",
            f"{total.wrong} of {total.resources} resources have a defect.",
        )
    else:
        verdict = Text(
            f"Aucun défaut trouvé par lab {__version__} dans {total.resources} ressources ; "
            "ce n'est pas un certificat de conformité.",
            f"No defect found by lab {__version__} in {total.resources} resources; "
            "this is no certificate of conformance.",
        )
    out.print(say(verdict), soft_wrap=True)
