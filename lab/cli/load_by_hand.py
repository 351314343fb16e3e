"""``lab load plan``, ``locustfile``, ``manifest``, ``judge``, ``export``: a load that others play."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from lab.cli.certify import Live, Manifest, Patients, Seed
from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import INCOMPLETE, USAGE
from lab.model.text import Text
from lab.model.words import Suite

if TYPE_CHECKING:
    from lab.model.load import LoadResult
    from lab.model.target import LoadPromise, SystemUnderTest

FAILED = 1
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where `lab load plan` wrote.")]
Promise = Callable[["SystemUnderTest", str, str, float, int], "LoadPromise"]


def register(group: typer.Typer, promise: Promise, tell: Callable[[dict[str, Any]], None]) -> None:
    """Add the commands; ``promise`` reads what is asked, ``tell`` prints a result."""

    def plan(  # noqa: PLR0913 - the options of a command line
        manifest: Manifest,
        *,
        profile: Annotated[str, typer.Option(help="The profile; see `lab load list`.")] = "",
        scale: Annotated[str, typer.Option(help="x1, x10, x100 or any number of times the hospital.")] = "",
        duration: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds; 0 as the profile.")] = 0,
        workers: Annotated[int, typer.Option(min=1, max=64, help="Generators that will share it.")] = 1,
        out_: Annotated[Path, typer.Option("--out", help="Folder to write.")] = Path("load"),
        seed: Seed = 2023,
        patients: Patients = 1000,
    ) -> None:
        """Write a load plan that somebody can play with plain Locust and its web page."""
        from lab.certification.certify import Options, certify  # noqa: PLC0415
        from lab.certification.document import read  # noqa: PLC0415
        from lab.load.error import LoadError  # noqa: PLC0415
        from lab.load.playing import Playing  # noqa: PLC0415
        from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

        try:
            subject = read_manifest(manifest)
            subject = replace(subject, load=promise(subject, profile, scale, duration, workers))
        except (ManifestError, LoadError, ValueError) as error:
            _refuse(error)
        asked = frozenset({Suite.LOAD})
        target = out_.resolve()
        (target / "plan.json").unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="lab-") as private, Live() as live:
            playing = Playing(workers, write_to=target)
            options = Options(Path(private), seed, patients, asked, asked=asked, playing=playing)
            document = read(certify(subject, options, live).document)
        if not (target / "plan.json").exists():
            _refuse(document["verdict"]["reason"][language()])
        out.print(say(_HOW).format(folder=target, locustfile=_locustfile()), soft_wrap=True, markup=False)

    def judge(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where it was played.")]) -> None:
        """Judge what generators left in a folder, beside its plan.json."""
        from lab.load.error import LoadError  # noqa: PLC0415
        from lab.load.judge import recheck  # noqa: PLC0415

        try:
            result = recheck(folder)
        except LoadError as error:
            _refuse(error)
        except FileNotFoundError:
            _refuse(f"No plan.json in {folder}: give the folder where the load was played.")
        tell(asdict(result))
        raise typer.Exit(_exit_code(result))

    group.command("plan")(plan)
    group.command("locustfile")(locustfile)
    group.command("manifest")(manifest)
    group.command("judge")(judge)
    group.command("export")(export)


def locustfile() -> None:
    """Print where the packaged locustfile is: locust -f $(lab load locustfile)."""
    typer.echo(_locustfile())


def manifest(
    folder: Folder,
    image: Annotated[
        str, typer.Option(help="Image with Locust and the laboratory, for Kubernetes.")
    ] = "fhir-integration-lab:latest",
    secrets: Annotated[
        str, typer.Option(help="Where your cluster injects the secrets into the pods, for Kubernetes.")
    ] = "",
    requirement: Annotated[
        str,
        typer.Option(help="What pip installs into Locust's image, for docker compose: a name or a wheel."),
    ] = "fhir-integration-lab",
) -> None:
    """Write compose.json (with its Dockerfile) and locusttest.json beside a plan, for its workers."""
    from lab.load.by_hand import PLAN_VARIABLE, plan_by_hand  # noqa: PLC0415
    from lab.load.deployment import build_files, compose, locust_test  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.load.reading import RESULTS_FOLDER  # noqa: PLC0415

    try:
        plan = plan_by_hand({PLAN_VARIABLE: str(folder / "plan.json")})
        made = {
            "compose.json": _json(compose(plan, f"{os.getuid()}:{os.getgid()}")),
            **build_files(_beside(folder, requirement)),
            "locusttest.json": _json(locust_test(plan, image, secrets)),
        }
        (folder / RESULTS_FOLDER).mkdir(exist_ok=True)
        for name, content in made.items():
            (folder / name).write_text(content, encoding="utf-8")
            out.print(str(folder / name), soft_wrap=True, markup=False)
    except (LoadError, OSError) as error:
        _refuse(error)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"


def _beside(folder: Path, requirement: str) -> str:
    """Return the name of a requirement; a wheel is copied into the folder that images are built from."""
    wheel = Path(requirement)
    if wheel.suffix != ".whl":
        return requirement
    shutil.copyfile(wheel, folder / wheel.name)
    return wheel.name


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or the load/ folder of one.")],
    parquet: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Export the results of a load as a Parquet file."""
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.load.export import export as write  # noqa: PLC0415

    try:
        rows = write(folder / "load" if (folder / "load").is_dir() else folder, parquet)
    except LoadError as error:
        _refuse(error)
    out.print(f"{parquet}: {rows} rows", soft_wrap=True, markup=False)


def _locustfile() -> Path:
    from lab.load.children import LOCUSTFILE  # noqa: PLC0415

    return LOCUSTFILE


def _exit_code(result: "LoadResult") -> int:
    """Return 0 when everything holds, 1 when something does not, 5 when the run shows nothing."""
    if result.leaks or (result.valid and not all(one.met for one in result.thresholds)):
        return FAILED
    return 0 if result.valid else INCOMPLETE


def _refuse(error: object) -> NoReturn:
    err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
    raise typer.Exit(USAGE)


_HOW = Text(
    fr="""{folder} : plan.json, locustfile.py, secrets.json (à remplir ; lisible par vous seul)

  cd {folder}
  export LAB_LOAD_PLAN=plan.json LAB_LOAD_SECRETS=secrets.json
  locust -f {locustfile} --host http://127.0.0.1:PORT/fhir   # page web sur http://localhost:8089
  lab load judge .""",
    en="""{folder}: plan.json, locustfile.py, secrets.json (to be filled in; for your eyes only)

  cd {folder}
  export LAB_LOAD_PLAN=plan.json LAB_LOAD_SECRETS=secrets.json
  locust -f {locustfile} --host http://127.0.0.1:PORT/fhir   # web page on http://localhost:8089
  lab load judge .""",
)
