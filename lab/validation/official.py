"""A second opinion: HL7's own validator, whose jar is given, asked about the same resources.

Its messages may quote a resource, so only the place and the key of a message are kept.
Source: https://confluence.hl7.org/display/FHIR/Using+the+FHIR+Validator
"""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import orjson

from lab.model.text import Text

TIMEOUT_S = 900.0
"""It reads all definitions of R4 first, which takes a minute on a busy machine."""

MOST = 5_000
"""Resources in one go: each is a file of its own and a word of the command line."""

_FILE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file"
_ERRORS = ("error", "fatal")


class OfficialError(Exception):
    """The validator could not be asked; ``text`` says what was expected, what was seen and what to do."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(fr, en)


@dataclass(frozen=True)
class Opinion:
    """One error that the official validator finds: where, and the key of its message."""

    path: str
    key: str


def opinions(jar: Path, resources: Sequence[dict[str, Any]]) -> list[tuple[Opinion, ...]]:
    """Return the errors of each resource, in order, without any terminology server.

    Raises:
        OfficialError: there is no Java or no such jar, or what came back is not what the validator writes.
    """
    if which("java") is None:
        raise OfficialError(
            "Le validateur officiel demande Java, qui n'est pas installé : installez un JRE 17.",
            "The official validator needs Java, which is not installed: install a JRE 17.",
        )
    if not jar.is_file():
        raise OfficialError(
            f"{jar} n'existe pas : donnez le chemin de validator_cli.jar.",
            f"{jar} does not exist: give the path of validator_cli.jar.",
        )
    if len(resources) > MOST:
        raise OfficialError(
            f"{len(resources)} ressources pour le validateur officiel, {MOST} au plus : échantillonnez.",
            f"{len(resources)} resources for the official validator, {MOST} at most: take a sample.",
        )
    with tempfile.TemporaryDirectory() as folder:
        return _asked(jar.resolve(), resources, Path(folder))


def _asked(jar: Path, resources: Sequence[dict[str, Any]], folder: Path) -> list[tuple[Opinion, ...]]:
    names = [f"{number}.json" for number in range(len(resources))]
    for name, resource in zip(names, resources, strict=True):
        (folder / name).write_bytes(orjson.dumps(resource))
    command = ["java", "-jar", str(jar), *names, "-version", "4.0.1", "-tx", "n/a", "-output", "out.json"]
    try:
        ended = subprocess.run(  # noqa: S603 - the jar is the user's own choice
            command, cwd=folder, capture_output=True, timeout=TIMEOUT_S, check=False
        )
        written = orjson.loads((folder / "out.json").read_bytes())
    except subprocess.TimeoutExpired:
        raise OfficialError(
            f"Le validateur officiel n'a pas fini en {TIMEOUT_S:.0f} s : donnez-lui moins de ressources.",
            f"The official validator did not end within {TIMEOUT_S:.0f} s: give it fewer resources.",
        ) from None
    except (OSError, orjson.JSONDecodeError):
        raise OfficialError(
            f"Le validateur officiel n'a rien écrit de lisible (code {ended.returncode}) : est-ce son jar ?",
            f"The official validator wrote nothing readable (code {ended.returncode}): is it its jar?",
        ) from None
    outcomes = written.get("entry", [{"resource": written}])
    by_file = {_file(one["resource"]): _errors(one["resource"]) for one in outcomes}
    # One file gives an outcome that may not say which.
    found = [by_file.get(name, by_file.get("") if len(names) == 1 else None) for name in names]
    if None in found:
        raise OfficialError(
            f"Le validateur officiel a jugé {len(by_file)} ressources sur {len(names)}.",
            f"The official validator judged {len(by_file)} of {len(names)} resources.",
        )
    return [one for one in found if one is not None]


def _file(outcome: dict[str, Any]) -> str:
    said = (one["valueString"] for one in outcome.get("extension", ()) if one.get("url") == _FILE)
    return Path(next(said, "")).name


def _errors(outcome: dict[str, Any]) -> tuple[Opinion, ...]:
    return tuple(
        dict.fromkeys(
            Opinion((issue.get("expression") or [""])[0], _key(issue))
            for issue in outcome.get("issue", ())
            if issue.get("severity") in _ERRORS
        )
    )


def _key(issue: dict[str, Any]) -> str:
    coding = issue.get("details", {}).get("coding", [{}])
    return str(coding[0].get("code") or issue.get("code"))
