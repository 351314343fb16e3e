"""The verdict: one page of pure code from findings and load results, never an average.

Any error withholds it; any broken SHALL denies it; any SHALL that was not shown leaves it incomplete.
"""

from collections.abc import Iterable, Sequence

from lab.load.soundness import read_soundness
from lab.model.finding import Finding
from lab.model.load import Borne
from lab.model.text import Text
from lab.model.verdict import LevelRow, Priority, Verdict
from lab.model.words import Expectation, LevelStatus, Outcome, Severity, Status, Suite

LEVELS = {
    1: Text(fr="Autorisation réseau", en="Network Authorization"),
    2: Text(fr="Autorisation de l'application", en="Application Authorization"),
    3: Text(fr="Autorisation par type de ressource", en="Resource-Type Access Authorization"),
    4: Text(fr="Autorisation par ressource (cohorte)", en="Specific Resource Access Authorization"),
    5: Text(fr="Autorisation par donnée (attributs)", en="Data Access Authorization"),
}
_PROFILE_IT = Text(
    fr="Profiler le service sous cette charge, puis rejouer le profil.",
    en="Profile the service under this load, then play the profile again.",
)
_PLAY_IT_AGAIN = Text(
    fr="Corriger ce qui a rendu le tir invalide (machine occupée, trop peu de générateurs), puis rejouer.",
    en="Mend what made the run invalid (a busy machine, too few generators), then play it again.",
)
_MEASURE_MORE = Text(
    fr="Rien n'a été mesuré pour ces seuils : rejouer plus longtemps, ou avec plus de requêtes.",
    en="Nothing was measured for these thresholds: play longer, or with more requests.",
)
_CORRECT_IT = Text(
    fr="Corriger les éléments cités dans le rapport : wrong-answers, dans le dossier de l'essai, garde des "
    "réponses fausses, et `lab validate` en montre tous les défauts.",
    en="Correct the elements that the report names: wrong-answers, in the folder of the run, keeps some of "
    "the wrong answers, and `lab validate` shows every defect of one.",
)
_REMEDIES = {
    "pull": Text(
        fr="Lire dans le rapport ce qui n'a pas été livré et pourquoi, corriger les interrogations ou la "
        "reprise, puis rejouer la même graine.",
        en="Read in the report what was not delivered and why, correct the polling or the recovery, then "
        "play the same seed again.",
    ),
    "scale": Text(
        fr="Lire dans le rapport ce que chaque requête coûte selon la taille, corriger ce qui croît trop "
        "vite ou ce qui empêche de mesurer, puis rejouer la même commande.",
        en="Read in the report what each request costs by size, correct what grows too fast or what prevents "
        "the measurement, then run the same command again.",
    ),
}
"""What to do about a load that was not borne, by what was played."""
_BINDING = frozenset({Severity.CRITICAL, Severity.HIGH})
_WORST_FIRST = tuple(Severity)
_WHOLE = frozenset(Suite)


def judge(
    findings: Sequence[Finding],
    load: Sequence[Borne],
    *,
    planned: int,
    suites: frozenset[Suite],
    asked: frozenset[Suite] = _WHOLE,
    interrupted: Text | None = None,
    defect: Text | None = None,
) -> Verdict:
    """Judge a run.

    ``asked`` are the suites that the verdict is about: without one of them nothing conforms. ``interrupted``
    says why checks are missing when the fault is not the laboratory's; ``defect`` what went wrong when it is.
    """
    levels = tuple(_level(level, findings) for level in LEVELS) if Suite.SECURITY in suites else ()
    if defect is not None:
        status, reason = Status.WITHHELD, defect
    else:
        partial = Text("", "") if suites >= asked else _partial(suites)
        status, reason = _status(findings, load, planned, partial, interrupted)
    unseen = [row for row in levels if row.status is LevelStatus.NOT_DEMONSTRATED]
    if status is Status.CONFORMS and unseen:
        status, reason = Status.INCOMPLETE, _undemonstrated(unseen)
    return Verdict(
        status=status,
        security_level=_security_level(levels) if levels else None,
        reason=reason,
        levels=levels,
        priorities=tuple(_priorities(findings, load))[:5],
    )


def _status(
    findings: Sequence[Finding],
    load: Sequence[Borne],
    planned: int,
    partial: Text,
    interrupted: Text | None,
) -> tuple[Status, Text]:
    errors = _of(findings, Outcome.ERROR)
    if errors or (len(findings) != planned and interrupted is None):
        return Status.WITHHELD, _withheld(errors, len(findings), planned)
    broken = [f for f in _of(findings, Outcome.FAIL) if f.check.expectation is Expectation.SHALL]
    missed = [r for r in load if r.leaks or (r.valid and not all(t.met for t in r.thresholds))]
    if broken or missed:
        return Status.DOES_NOT_CONFORM, _denied(broken, missed)
    if interrupted is not None:
        return Status.INCOMPLETE, interrupted
    unseen = [f for f in _of(findings, Outcome.SKIP) if f.check.expectation is Expectation.SHALL]
    invalid = [r for r in load if not r.valid]
    if unseen or invalid or partial.en:
        return Status.INCOMPLETE, _incomplete(unseen, invalid, partial)
    shown = sum(f.outcome in {Outcome.PASS, Outcome.WARNING} for f in findings)
    if not shown and not load:
        return Status.INCOMPLETE, Text(fr="Rien n'a été démontré.", en="Nothing was shown.")
    return Status.CONFORMS, _granted(shown, planned) if shown else _borne(load)


def _granted(shown: int, planned: int) -> Text:
    return Text(
        fr=f"Aucune exigence obligatoire n'est en défaut : {shown} vérifications démontrées sur {planned}.",
        en=f"No mandatory requirement is broken: {shown} checks shown out of {planned}.",
    )


def _borne(load: Sequence[Borne]) -> Text:
    names = ", ".join(result.profile for result in load)
    if names == "scale":
        return Text(
            fr="La croissance promise est tenue : aucune latence ne croît plus vite avec les patients.",
            en="The growth promised is kept: no latency grows faster with the patients.",
        )
    return Text(
        fr=f"La charge est tenue, sans fuite : {names}.", en=f"The load is borne, without a leak: {names}."
    )


def _of(findings: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    return [finding for finding in findings if finding.outcome is outcome]


def _level(level: int, findings: Sequence[Finding]) -> LevelRow:
    probes = [finding for finding in findings if finding.check.level == level]
    counts = {outcome: len(_of(probes, outcome)) for outcome in Outcome}
    binding = [f for f in probes if f.check.severity in _BINDING and f.outcome is not Outcome.OMIT]
    failed = sorted(_of(probes, Outcome.FAIL), key=lambda f: (_rank(f), f.check.id))
    if any(f.outcome is Outcome.FAIL for f in binding):
        status = LevelStatus.BREACHED
    elif probes and counts[Outcome.OMIT] == len(probes):
        status = LevelStatus.NOT_APPLICABLE
    elif binding and all(f.outcome in {Outcome.PASS, Outcome.WARNING} for f in binding):
        status = LevelStatus.ENFORCED
    else:
        status = LevelStatus.NOT_DEMONSTRATED
    return LevelRow(
        level=level,
        name=LEVELS[level],
        status=status,
        passed=counts[Outcome.PASS] + counts[Outcome.WARNING],
        failed=counts[Outcome.FAIL],
        skipped=counts[Outcome.SKIP] + counts[Outcome.ERROR],
        omitted=counts[Outcome.OMIT],
        worst=failed[0].check.id if failed else None,
    )


def _security_level(levels: Sequence[LevelRow]) -> int:
    """Return the highest n such that levels 1..n are all enforced."""
    for row in levels:
        if row.status is not LevelStatus.ENFORCED:
            return row.level - 1
    return len(levels)


def _rank(finding: Finding) -> int:
    return _WORST_FIRST.index(finding.check.severity)


def _priorities(findings: Sequence[Finding], load: Sequence[Borne]) -> Iterable[Priority]:
    order = {Outcome.ERROR: 0, Outcome.FAIL: 1, Outcome.SKIP: 2, Outcome.WARNING: 3}
    serious = [f for f in findings if f.outcome in order]
    for finding in sorted(
        serious, key=lambda f: (order[f.outcome], _rank(f), f.check.level or 0, f.check.id)
    ):
        check = finding.check
        if finding.outcome is Outcome.SKIP and check.expectation is not Expectation.SHALL:
            continue
        yield Priority(check.id, check.title, finding.message, check.remedy, check.severity)
    for result in load:
        unmet = [t.expression for t in result.thresholds if not t.met]
        if unmet or not result.valid:
            yield _load_priority(result, unmet)


def _load_priority(result: Borne, unmet: Sequence[str]) -> Priority:
    seen = "; ".join(unmet)
    message = result.invalid_reason or Text(fr=f"Seuils manqués : {seen}.", en=f"Thresholds missed: {seen}.")
    return Priority(result.profile, result.title, message, _load_remedy(result), Severity.HIGH)


def _load_remedy(result: Borne) -> Text:
    """Return what to do: it is the run that must be mended where it shows nothing of the application."""
    if result.leaks == 0 and not result.valid:
        return _PLAY_IT_AGAIN
    missed = [threshold for threshold in result.thresholds if not threshold.met]
    if result.leaks == 0 and all(threshold.value is None for threshold in missed):
        return _MEASURE_MORE
    if result.leaks == 0 and missed and all(read_soundness(one.expression) for one in missed):
        return _CORRECT_IT
    return _REMEDIES.get(result.profile, _PROFILE_IT)


def _withheld(errors: Sequence[Finding], reported: int, planned: int) -> Text:
    if errors:
        ids = ", ".join(f.check.id for f in errors[:3])
        return Text(
            fr=f"Le laboratoire a failli ({ids}) : aucun verdict n'est rendu.",
            en=f"The laboratory failed ({ids}): no verdict is given.",
        )
    return Text(
        fr=f"{reported} vérifications rendues sur {planned} prévues : aucun verdict n'est rendu.",
        en=f"{reported} checks reported out of {planned} planned: no verdict is given.",
    )


def _denied(broken: Sequence[Finding], missed: Sequence[Borne]) -> Text:
    worst = sorted(broken, key=lambda f: (_rank(f), f.check.id))
    if worst:
        first = worst[0]
        others = len(worst) - 1
        return first.check.failure.extended(
            f"({first.check.id} ; {others} autre(s) exigence(s) en défaut.)",
            f"({first.check.id}; {others} other broken requirement(s).)",
        )
    profile = missed[0].profile
    return Text(
        fr=f"Les seuils de charge du profil {profile} ne sont pas tenus.",
        en=f"The load thresholds of profile {profile} are not met.",
    )


def _undemonstrated(unseen: Sequence[LevelRow]) -> Text:
    numbers = ", ".join(str(row.level) for row in unseen)
    return Text(
        fr=f"Rien n'est en défaut, mais le(s) niveau(x) de sécurité {numbers} n'ont pas été démontrés.",
        en=f"Nothing is broken, but security level(s) {numbers} were not demonstrated.",
    )


def _partial(suites: frozenset[Suite]) -> Text:
    names = ", ".join(sorted(suites))
    return Text(
        fr=f"Certification partielle ({names}) : rien n'y est en défaut, mais tout n'a pas été joué.",
        en=f"Partial certification ({names}): nothing in it is broken, but not everything was run.",
    )


def _incomplete(unseen: Sequence[Finding], invalid: Sequence[Borne], partial: Text) -> Text:
    if partial.en:
        return partial
    if invalid:
        return invalid[0].invalid_reason or Text(fr="Tir de charge invalide.", en="Invalid load run.")
    ids = ", ".join(f.check.id for f in unseen[:5])
    return Text(
        fr=f"{len(unseen)} exigence(s) obligatoire(s) n'ont pas pu être démontrées ({ids}).",
        en=f"{len(unseen)} mandatory requirement(s) could not be shown ({ids}).",
    )
