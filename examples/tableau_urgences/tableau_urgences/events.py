"""The log of the program: one line per event on stderr, never a token, never a datum of a patient."""

import json
import logging
import sys

_LOG = logging.getLogger("tableau_urgences")


def start_log() -> None:
    """Send the events to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False


def event(name: str, **facts: object) -> None:
    """Log an ordinary event. Facts are written as JSON: a line break in a value stays one line."""
    _LOG.info("%s %s", name, json.dumps(facts, default=str))


def alert(name: str, **facts: object) -> None:
    """Log an event that somebody must act upon."""
    _LOG.error("%s %s", name, json.dumps(facts, default=str))
