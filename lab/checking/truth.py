"""What a check may know besides HTTP: the manifest, the answer key of the seed, and its own randomness."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.checking.canary import Canary
from lab.model.target import SystemUnderTest


@dataclass(frozen=True)
class Truth:
    """``groups`` maps each Group of the synthetic hospital to its patients: the answer key of cohorts.

    ``hospital`` holds the public addresses of the sandbox (``fhir``, ``token``, ``decoy``) and is empty when
    there is none. ``acts`` names those that the gateway really played. ``canary`` is what was planted in the
    application, ``artefacts`` where its files hold something that looks like a key, ``requests`` how many
    random requests the proof of non-interference asks.
    """

    subject: SystemUnderTest
    seed: int
    groups: Mapping[str, tuple[str, ...]]
    hospital: Mapping[str, str]
    acts: frozenset[str] = frozenset()
    canary: Canary = field(default_factory=Canary)
    artefacts: tuple[str, ...] = ()
    requests: int = 200

    def random(self, check_id: str) -> random.Random:
        """Return a generator that gives the same values to the same check of the same run."""
        return random.Random(f"{self.seed}/{check_id}")  # noqa: S311 - test data, not secrets
