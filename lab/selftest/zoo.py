"""The zoo of vendors: each variant's verdict names its flaw and only it, and the sound one conforms."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.engine.catalogue import catalogue
from lab.model.words import Outcome, Severity
from lab.selftest.mutant import Mutant
from lab.selftest.trial import Trial, try_vendor

_GOOD = frozenset({Outcome.PASS, Outcome.OMIT})
_BINDING = frozenset({Severity.CRITICAL, Severity.HIGH})


@dataclass(frozen=True)
class Verdict:
    """One variant: the probes that noticed it, those that should have, and whether the verdict denies it."""

    mutant: Mutant
    noticed: frozenset[str]
    denied: bool

    @property
    def named(self) -> frozenset[str]:
        """Return the probes that are declared to notice the flaw."""
        return frozenset({self.mutant.killed_by, *self.mutant.also})

    @property
    def killed(self) -> bool:
        """Tell whether its probe noticed it, and the verdict is not that of a sound application."""
        binding = catalogue()[self.mutant.killed_by].severity in _BINDING
        return self.mutant.killed_by in self.noticed and (self.denied or not binding)

    @property
    def strays(self) -> tuple[str, ...]:
        """Return the probes that accuse it of something else."""
        return tuple(sorted(self.noticed - self.named))


@dataclass(frozen=True)
class Zoo:
    """All variants; ``complaints`` are about the sound application."""

    verdicts: tuple[Verdict, ...]
    complaints: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Return the share of variants whose flaw was named."""
        return sum(v.killed for v in self.verdicts) / len(self.verdicts) if self.verdicts else 0.0

    @property
    def precision(self) -> float:
        """Return the share of accusations that were right."""
        right = sum(len(v.noticed & v.named) for v in self.verdicts)
        every = sum(len(v.noticed) for v in self.verdicts)
        return right / every if every else 0.0

    @property
    def proven(self) -> bool:
        """Tell whether each variant was named, none accused of anything else, and the sound one conforms."""
        return self.recall == self.precision == 1.0 and not self.complaints


def run_zoo(
    mutants: Sequence[Mutant],
    seed: int,
    jobs: int,
    say: Callable[[str], None],
    only: frozenset[str] = frozenset(),
) -> Zoo:
    """Judge the sound application, then every variant, several at the same time.

    ``only`` are the probes to send, all when empty.
    """
    with ThreadPoolExecutor(jobs) as pool:
        sound = pool.submit(try_vendor, None, seed, only).result()
        complaints = [
            f"{id_} is {outcome} on the sound vendor."
            for id_, outcome in sorted(sound.outcomes.items())
            if outcome not in _GOOD and (outcome is not Outcome.SKIP or catalogue()[id_].severity in _BINDING)
        ]
        complaints += [sound.defect] if sound.defect else []
        if sound.status != "conforms" and not only:
            complaints.append(f"The verdict on the sound vendor is {sound.status}.")
        say(f"sound vendor: {len(sound.outcomes)} probes, {len(complaints)} complaints")
        verdicts = tuple(pool.map(lambda mutant: _verdict(mutant, seed, sound, only, say), mutants))
    return Zoo(verdicts, tuple(complaints))


def _verdict(
    mutant: Mutant, seed: int, sound: Trial, only: frozenset[str], say: Callable[[str], None]
) -> Verdict:
    trial = try_vendor(mutant, seed, only)
    noticed = {id_ for id_ in trial.noticed if sound.outcomes.get(id_) in _GOOD}
    verdict = Verdict(mutant, frozenset(noticed), trial.status == "does_not_conform")
    strays = f" (also {', '.join(verdict.strays)})" if verdict.strays else ""
    say(f"{'named ' if verdict.killed else 'ALIVE '} {mutant.name} {mutant.killed_by}{strays} {trial.defect}")
    return verdict
