"""A plan that somebody plays with plain Locust: where it is, and how its secrets get there.

``LAB_LOAD_PLAN`` names the plan, ``LAB_LOAD_SECRETS`` a file of its secrets that only its owner may read
(``lab load plan`` writes both, the second one empty), ``LAB_LOAD_RESULTS`` a folder to record in, where that
is not the working folder. ``--host`` says where the application is now.
"""

import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from lab.load.error import LoadError
from lab.load.judge import PLAN_FILE
from lab.load.orders import Orders
from lab.load.plan import LoadPlan
from lab.load.reading import samples_files
from lab.load.slices import slice_of
from lab.load.source import may_send
from lab.load.target import Persona, TokenRequest

PLAN_VARIABLE = "LAB_LOAD_PLAN"
SECRETS_VARIABLE = "LAB_LOAD_SECRETS"
RESULTS_VARIABLE = "LAB_LOAD_RESULTS"

SECRETS_FILE = "secrets.json"
ENTRY_FILE = "locustfile.py"
ENTRY = "from lab.load.locustfile import *\n"
"""What Locust loads where the laboratory is installed: all of it is in the package."""


def orders_by_hand(variables: Mapping[str, str], worker: int, host: str | None) -> Orders:
    """Return what one generator plays of the plan that the environment names.

    Raises:
        LoadError: a file is missing or says something else than it must, or there are too many workers.
    """
    plan = plan_by_hand(variables)
    if worker >= plan.workers:
        message = (
            f"This plan is for {plan.workers} generators and one more has come: start as many workers as it "
            "says, or write a plan with --workers."
        )
        raise LoadError(message)
    if SECRETS_VARIABLE in variables:
        secrets = _secrets(Path(variables[SECRETS_VARIABLE]))
        plan = replace(plan, personas=tuple(_armed(one, secrets) for one in plan.personas))
    if host:
        plan = replace(plan, base_url=host)
    _check_sources(plan)
    file = samples_files(_results(variables), plan.workers)[worker]
    return Orders(slice_of(plan, worker), str(file), worker)


def _check_sources(plan: LoadPlan) -> None:
    """Refuse to play what this machine cannot send: the application would be charged with our errors."""
    for source in plan.sources:
        if not may_send(source, plan.base_url):
            message = (
                f"This plan sends from {source} to {plan.base_url}, which this machine or container cannot: "
                "play it where it was written (with docker: on the host's network), or write one from a "
                "manifest without server.refused_source."
            )
            raise LoadError(message)


def _results(variables: Mapping[str, str]) -> Path:
    folder = Path(variables.get(RESULTS_VARIABLE, ""))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{RESULTS_VARIABLE} names {folder}, which cannot be written to ({error.strerror})."
        raise LoadError(message) from None
    return folder


def plan_by_hand(variables: Mapping[str, str]) -> LoadPlan:
    """Return the plan that the environment names.

    Raises:
        LoadError: there is none, or it cannot be read.
    """
    path = Path(variables[PLAN_VARIABLE])
    try:
        return LoadPlan.from_json(path.read_bytes())
    except OSError as error:
        message = f"{PLAN_VARIABLE} names {path}, which cannot be read ({error.strerror})."
    except (orjson.JSONDecodeError, KeyError, TypeError):
        message = f"{PLAN_VARIABLE} names {path}, which is no load plan: write one with `lab load plan`."
    raise LoadError(message)


def _secrets(path: Path) -> dict[str, Any]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = f"{path} may be read by others (mode {mode:o}): chmod 600 it, it holds secrets."
            raise LoadError(message)
        data: Any = orjson.loads(path.read_bytes())
    except OSError as error:
        message = f"{SECRETS_VARIABLE} names {path}, which cannot be read ({error.strerror})."
    except orjson.JSONDecodeError:
        message = f"{SECRETS_VARIABLE} names {path}, which is no JSON."
    else:
        if isinstance(data, dict):
            return data
        message = f"{path} must be a JSON object of personas."
    raise LoadError(message)


def _armed(persona: Persona, secrets: Mapping[str, Any]) -> Persona:
    """Return a persona with its bearer, or with the form that it sends to the token endpoint."""
    mine = secrets.get(persona.name) or {}
    if mine.get("bearer"):
        return replace(persona, bearer=str(mine["bearer"]))
    if mine.get("token"):
        form = tuple((str(name), str(value)) for name, value in mine["token"].items())
        return replace(persona, token=TokenRequest(form, tuple(map(str, mine.get("assertions", ())))))
    return persona


def write_plan(plan: LoadPlan, folder: Path) -> None:
    """Write a plan for others to play: without its secrets, whose file is there to be filled in.

    Raises:
        LoadError: the folder cannot be written to.
    """
    secrets = folder / SECRETS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PLAN_FILE).write_bytes(plan.public().to_json())
        (folder / ENTRY_FILE).write_text(ENTRY, encoding="utf-8")
        secrets.touch(mode=0o600)
        secrets.chmod(0o600)
        secrets.write_bytes(_blank_secrets(plan))
    except OSError as error:
        message = f"The plan cannot be written to {folder} ({error.strerror})."
        raise LoadError(message) from None


def _blank_secrets(plan: LoadPlan) -> bytes:
    """Return the secrets to fill in: for each persona, a bearer or the form of a token request."""
    form = {"grant_type": "client_credentials", "scope": "", "client_id": "", "client_secret": ""}
    blank = {
        one.name: {"token": form} if one.token else {"bearer": ""}
        for one in plan.personas
        if one.credentialed
    }
    return orjson.dumps(blank, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
