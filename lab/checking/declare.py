"""The ``check`` decorator: it gives a function its identity card and nothing else."""

from collections.abc import Callable
from typing import Any

from lab.model.check import Check
from lab.model.text import Text
from lab.model.words import Expectation, Role, Severity, Suite

CheckFunction = Callable[..., None]
_BY_EXPECTATION = {
    Expectation.SHALL: Severity.HIGH,
    Expectation.SHOULD: Severity.MEDIUM,
    Expectation.MAY: Severity.LOW,
}
_BINDING = frozenset({Severity.CRITICAL, Severity.HIGH})


def check(  # noqa: PLR0913 - an identity card has many lines
    id_: str,
    *,
    title: Text,
    failure: Text,
    remedy: Text,
    requirements: tuple[str, ...] = (),
    expectation: Expectation = Expectation.SHALL,
    role: Role | None = None,
    act: str | tuple[str, ...] = (),
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a conformance check; its role is read from its id (``SRV-`` or ``CLI-``) unless given.

    ``act`` names what the gateway must play to provoke the behaviour that is judged: one act, or several.
    """
    side = role or (Role.SERVER if id_.startswith("SRV-") else Role.CLIENT)
    card = Check(
        id=id_,
        title=title,
        role=side,
        suite=Suite.CONFORMANCE,
        expectation=expectation,
        severity=_BY_EXPECTATION[expectation],
        failure=failure,
        remedy=remedy,
        requirements=requirements,
        acts=(act,) if isinstance(act, str) else act,
    )
    return _labelled(card)


def probe(  # noqa: PLR0913 - an identity card has many lines
    id_: str,
    *,
    level: int | None,
    severity: Severity,
    role: Role,
    title: Text,
    failure: Text,
    remedy: Text,
    requirements: tuple[str, ...] = (),
    act: str | tuple[str, ...] = (),
    twins: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a security probe; critical and high ones are binding (SHALL).

    ``level`` is one of the five, None for what crosses them. ``twins``: it compares two instances.
    """
    card = Check(
        id=id_,
        title=title,
        role=role,
        suite=Suite.SECURITY,
        expectation=Expectation.SHALL if severity in _BINDING else Expectation.SHOULD,
        severity=severity,
        failure=failure,
        remedy=remedy,
        requirements=requirements,
        level=level,
        acts=(act,) if isinstance(act, str) else act,
        twins=twins,
    )
    return _labelled(card)


def card_of(function: Any) -> Check | None:
    """Return the identity card of a check function, None for anything else."""
    card = getattr(function, "__check__", None)
    return card if isinstance(card, Check) else None


def _labelled(card: Check) -> Callable[[CheckFunction], CheckFunction]:
    def label(function: CheckFunction) -> CheckFunction:
        function.__check__ = card  # type: ignore[attr-defined]
        return function

    return label
