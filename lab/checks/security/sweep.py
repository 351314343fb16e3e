"""Sweep an answer for the secrets of the patients whom its resources are about."""

from collections.abc import Collection, Mapping

from lab.api import Expect, Reply
from lab.checks.security.compartment import patients_of
from lab.checks.security.secret_values import leaked_in


def tells_nothing(reply: Reply, secret_of: Mapping[str, Collection[str]], expect: Expect) -> None:
    """Expect no resource to tell a secret of a patient it is about.

    The secret of one may stand in the data of another for a reason of its own.
    """
    for resource in reply.resources():
        hidden = {text for patient in patients_of(resource) for text in secret_of.get(patient, ())}
        place = leaked_in(hidden, resource)
        expect.that(not place, expected="no masked value", seen=f"one in {place}", evidence=[reply])
