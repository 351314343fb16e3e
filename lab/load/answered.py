"""Judges what a run was answered, once, and keeps what was found as JSON lines: the bodies go, but for some.

Those are wrong and for whoever mends the application; the lines themselves hold no value of any body.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from lab.load.distinct import Answered, read_answers
from lab.load.error import LoadError
from lab.load.validating import NOT_FHIR
from lab.load.worth import worth
from lab.model.answers import Answers, RouteAnswers, Unjudged, Wrong
from lab.model.text import Text

ANSWERS_FILE = "answers.jsonl"
WRONG_FOLDER, REQUESTS_FILE = "wrong-answers", "requests.txt"
MOST_KEPT = 20
"""Wrong bodies that are kept, each route in turn."""


def judge_answers(spools: Sequence[Path], folder: Path, seed: int) -> None:
    """Judge the spools of a run that were not judged yet, keep the result in its folder, remove them.

    Raises:
        LoadError: the result cannot be written.
    """
    if not any(spool.exists() for spool in spools):
        return
    read = read_answers(spools, seed)
    try:
        _keep_wrong(read, folder / WRONG_FOLDER)
        (folder / ANSWERS_FILE).write_bytes(b"".join(_lines(worth(read))))
        for spool in spools:
            spool.unlink(missing_ok=True)
    except OSError as error:
        message = (
            f"What the application answered was judged and cannot be kept in {folder} ({error.strerror}): "
            "free some space there, and judge the run again."
        )
        raise LoadError(message) from None


def answers_of(folder: Path) -> Answers | None:
    """Return what the answers of a run were worth, None where none were judged.

    Raises:
        LoadError: what is on file cannot be read.
    """
    path = folder / ANSWERS_FILE
    if not path.exists():
        return None
    try:
        whole, *parts = map(orjson.loads, path.read_bytes().splitlines())
        of: dict[str, list[dict[str, Any]]] = {"answers": [], "routes": [], "unjudged": [], "wrong": []}
        for part in (whole, *parts):
            of[part.pop("kind")].append(part)
        return Answers(
            **whole,
            routes=tuple(RouteAnswers(**one) for one in of["routes"]),
            unjudged=tuple(Unjudged(Text(**one["reason"]), one["answers"]) for one in of["unjudged"]),
            wrong=tuple(Wrong(**{**one, "says": Text(**one["says"])}) for one in of["wrong"]),
        )
    except (KeyError, TypeError, ValueError):
        message = f"{path} does not say what the answers were worth: restore it, or play the load again."
        raise LoadError(message) from None


def forget_answers(spools: Sequence[Path], folder: Path) -> None:
    """Remove what a run before this one left in the folder."""
    for file in (*spools, folder / ANSWERS_FILE, *(folder / WRONG_FOLDER).glob("*")):
        file.unlink(missing_ok=True)


def _lines(answers: Answers) -> Iterator[bytes]:
    """Yield the totals, then a line for each route, reason and defect."""
    whole = asdict(answers)
    parts = {kind: whole.pop(kind) for kind in ("routes", "unjudged", "wrong")}
    yield _line("answers", whole)
    for kind, rows in parts.items():
        for row in rows:
            yield _line(kind, row)


def _line(kind: str, content: dict[str, Any]) -> bytes:
    return orjson.dumps({"kind": kind, **content}, option=orjson.OPT_APPEND_NEWLINE)


def _keep_wrong(read: Answered, folder: Path) -> None:
    """Keep wrong bodies and what asked for each: of each route the first, then the second..."""
    ranks: dict[str, int] = {}
    ranked = []
    for one in read.distinct.values():
        if wrong := read.judgements[one.body.id].wrong:
            rank = ranks[one.body.route] = ranks.get(one.body.route, 0) + 1
            suffix = "body" if wrong[0].rule == NOT_FHIR else "json"
            ranked.append((rank, f"{one.body.route}-{rank}.{suffix}", one.body))
    if not ranked:
        return
    folder.mkdir(exist_ok=True)
    asked = ""
    for _, name, body in sorted(ranked, key=lambda item: item[:2])[:MOST_KEPT]:
        (folder / name).write_bytes(body.read())
        asked += f"{name}: {body.request} answered {body.status}\n"
    (folder / REQUESTS_FILE).write_text(asked, encoding="utf-8")
