"""The matrix check x mutant, and what is missing for the laboratory to be believed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.bundled import EXAMPLES
from lab.engine.catalogue import catalogue
from lab.model.words import Outcome
from lab.selftest.mutant import Mutant
from lab.selftest.platform import try_platform
from lab.selftest.trial import Trial, try_client

_GOOD = frozenset({Outcome.PASS, Outcome.OMIT})
_RANK = (Outcome.ERROR, Outcome.FAIL, Outcome.WARNING, Outcome.PASS, Outcome.OMIT, Outcome.SKIP)


@dataclass(frozen=True)
class Row:
    """One mutant: did its check notice it, and which others did?"""

    mutant: Mutant
    killed: bool
    others: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """Every mutant on trial. ``complaints`` are about the unbroken pair and about checks without a mutant."""

    rows: tuple[Row, ...]
    complaints: tuple[str, ...]

    @property
    def proven(self) -> bool:
        """Tell whether every mutant was killed and nothing is left to complain about."""
        return all(row.killed for row in self.rows) and not self.complaints


def run_matrix(
    mutants: Sequence[Mutant],
    seed: int,
    jobs: int,
    say: Callable[[str], None],
    *,
    whole: bool = True,
    alone: bool = False,
    elsewhere: frozenset[str] = frozenset(),
) -> Matrix:
    """Try the unbroken platform and example, then every mutant, several at the same time.

    ``whole`` says that these are all the mutants there are: a check without one is then complained about.
    ``alone`` runs on each mutant the one check that must notice it. ``elsewhere`` are the
    checks that the zoo of vendors proves. The other examples are tried on what their mutants are about.
    """
    with ThreadPoolExecutor(jobs) as pool:
        platform = pool.submit(try_platform, None, seed)
        client = pool.submit(try_client, None, seed)
        others = [
            pool.submit(try_client, None, seed, only=only, subject=example)
            for example in EXAMPLES[1:]
            if (only := frozenset(m.killed_by for m in mutants if m.subject == example))
        ]
        trials = [platform.result(), client.result(), *(other.result() for other in others)]
        sound = _best(trials)
        complaints = [
            f"{id_} is {outcome} on the unbroken pair."
            for id_, outcome in sorted(sound.items())
            if outcome not in _GOOD and not (outcome is Outcome.SKIP and id_ in elsewhere)
        ]
        complaints += [trial.defect for trial in trials if trial.defect]
        say(f"unbroken: {len(sound)} checks, {len(complaints)} complaints")
        rows = tuple(pool.map(lambda mutant: _row(mutant, seed, sound, say, alone=alone), mutants))
    killers = {row.mutant.killed_by for row in rows}
    unproven = sorted(set(catalogue()) - killers - elsewhere) if whole else []
    complaints += [f"{id_} has no mutant on trial: nothing shows that it can fail." for id_ in unproven]
    return Matrix(rows, tuple(complaints))


def _best(trials: Sequence[Trial]) -> dict[str, Outcome]:
    """Return what the unbroken ones showed: what one of them cannot exercise is shown by another.

    What one of them fails is never made good by another.
    """
    sound: dict[str, Outcome] = {}
    for id_, outcome in (pair for trial in trials for pair in trial.outcomes.items()):
        if id_ not in sound or _RANK.index(outcome) < _RANK.index(sound[id_]):
            sound[id_] = outcome
    return sound


def _row(
    mutant: Mutant, seed: int, sound: dict[str, Outcome], say: Callable[[str], None], *, alone: bool
) -> Row:
    only = (mutant.killed_by,) if alone else ()
    if mutant.kind == "platform":
        trial = try_platform(mutant, seed, only)
    else:
        trial = try_client(mutant, seed, only=frozenset(only))
    noticed = {id_ for id_ in trial.noticed if sound.get(id_) in _GOOD}
    killed = mutant.killed_by in noticed
    others = tuple(sorted(noticed - {mutant.killed_by}))
    say(f"{'killed ' if killed else 'ALIVE  '} {mutant.name} {trial.defect}")
    if mutant.killed_by not in catalogue():
        say(f"  {mutant.name} names an unknown check {mutant.killed_by}")
    return Row(mutant, killed, others)
