"""Why a Permission is refused: one sentence for each place, in both languages, all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.fhir.policy import PolicyError
from lab.model.text import Text


@dataclass(frozen=True)
class Refusal:
    """``where`` is the path of what is refused (``Permission.rule[0].data[1].period``)."""

    where: str
    text: Text


class PermissionRefusedError(PolicyError):
    """A Permission that cannot be enforced exactly as written; its message is that of the first refusal."""

    def __init__(self, *refusals: Refusal) -> None:
        self.refusals = refusals
        super().__init__(f"{refusals[0].where}: {refusals[0].text.en}")


def refused(where: str, fr: str, en: str) -> PermissionRefusedError:
    """Return the error of one place, to be raised."""
    return PermissionRefusedError(Refusal(where, Text(fr, en)))


@dataclass
class Gathering:
    """Goes on after a refusal, so that whoever corrects the file sees every place to correct."""

    refusals: list[Refusal] = field(default_factory=list)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Read one part; its refusal is kept for ``end``."""
        try:
            yield
        except PermissionRefusedError as error:
            self.refusals.extend(error.refusals)

    def end(self) -> None:
        """Raise what was refused, if anything was.

        Raises:
            PermissionRefusedError: a part was refused.
        """
        if self.refusals:
            raise PermissionRefusedError(*dict.fromkeys(self.refusals))
