"""What a Python program of a stranger is told on its input, and how it prints what each step gave."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any


def told() -> dict[str, Any]:
    """Read what to ask for."""
    return json.load(sys.stdin)


def say(step: str, value: Any) -> None:
    """Print what a step gave."""
    sys.stdout.write(json.dumps({"step": step, "value": value}) + "\n")
    sys.stdout.flush()


def failing(call: Callable[[], Any]) -> str:
    """Run what must be refused; name the error as the client raises it, and the status if it has it."""
    try:
        given = call()
    except Exception as error:  # noqa: BLE001 - whichever type the client raises is what is looked at
        answer = getattr(error, "response", None)
        return " ".join([type(error).__name__, *([] if answer is None else [str(answer.status_code)])])
    return f"nothing was raised: {given!r}"


def run(steps: Mapping[str, Callable[[], Any]]) -> None:
    """Run every step; one that fails prints its error and does not stop those after it."""
    for step, call in steps.items():
        try:
            say(step, call())
        except Exception as error:  # noqa: BLE001 - the test says that this step failed
            say(step, f"{type(error).__name__}: {error}")
