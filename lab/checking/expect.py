"""How a check says what it expected and what it saw.

``assert`` is not used: Python run with ``-O`` removes it, and a check that cannot fail would pass.
"""

from collections.abc import Collection
from typing import NoReturn

from lab.fhir.reply import Reply
from lab.model.text import Text


class Told(Exception):  # noqa: N818 - the ways in which a check can end early
    """A check that ended before its last line; ``detail`` goes into the message of its finding."""

    def __init__(self, detail: Text, evidence: tuple[str, ...] = ()) -> None:
        super().__init__(detail.en)
        self.detail = detail
        self.evidence = evidence


class Failed(Told):
    """The requirement was shown not to hold."""


class NotShown(Told):
    """The requirement could not be shown: the outcome is skip, never pass."""


class NotApplicable(Told):
    """The requirement does not apply to this application; ``detail`` is the proof why."""


class Expect:
    """Given to each check; it also keeps the remarks that do not fail it and the evidence it named."""

    def __init__(self) -> None:
        self.remarks: list[Text] = []
        self.scope: list[Text] = []
        self.evidence: list[str] = []

    def that(
        self,
        condition: bool,  # noqa: FBT001 - the subject of the sentence
        *,
        expected: str,
        seen: object,
        evidence: Collection[Reply | str] = (),
    ) -> None:
        """Fail the check unless the condition holds; ``expected`` and ``seen`` are short technical words."""
        ids = self.name(*evidence)
        if not condition:
            raise Failed(_detail(expected, seen), ids)

    def should(
        self,
        condition: bool,  # noqa: FBT001 - the subject of the sentence
        *,
        expected: str,
        seen: object,
        evidence: Collection[Reply | str] = (),
    ) -> None:
        """Keep a remark unless the condition holds: for the SHOULD part of a mixed requirement."""
        self.name(*evidence)
        if not condition:
            self.remarks.append(_detail(expected, seen))

    def covered(self, fr: str, en: str) -> None:
        """Say what a pass rests on, and what was not looked at: it stands in the message of the pass."""
        self.scope.append(Text(fr=fr, en=en))

    def status(self, reply: Reply, *allowed: int) -> None:
        """Fail the check unless the answer has one of the statuses."""
        expected = "HTTP " + " / ".join(map(str, allowed))
        self.that(reply.status in allowed, expected=expected, seen=status_of(reply), evidence=[reply])

    def name(self, *evidence: Reply | str) -> tuple[str, ...]:
        """Cite exchanges as evidence of whatever comes out."""
        ids = tuple(item if isinstance(item, str) else item.exchange for item in evidence)
        self.evidence += [id_ for id_ in ids if id_ and id_ not in self.evidence]
        return ids

    def skip(self, fr: str, en: str) -> NoReturn:
        """End the check: its requirement cannot be shown on this application, in this run."""
        raise NotShown(Text(fr=fr, en=en))

    def omit(self, fr: str, en: str) -> NoReturn:
        """End the check: its requirement does not apply to this application; the text is the proof."""
        raise NotApplicable(Text(fr=fr, en=en))


def status_of(reply: Reply) -> str:
    """Return what came back in a few words."""
    return f"HTTP {reply.status}" if reply.status else f"no answer ({reply.error})"


def _detail(expected: str, seen: object) -> Text:
    return Text(fr=f"Attendu : {expected}. Observé : {seen}.", en=f"Expected: {expected}. Seen: {seen}.")
