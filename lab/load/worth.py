"""Adds up what the answers of a run were worth: how many were judged or not, and why; what was wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from lab.load.distinct import Answered, Distinct
from lab.load.validating import NOT_FHIR, UNCOVERED, Defective
from lab.model.answers import Answers, RouteAnswers, Unjudged, Wrong
from lab.model.text import Text
from lab.validation.report import Finding
from lab.validation.sentences import about

MOST_WRONG = 50
"""Defects that are told apart; an application that makes up names of elements would make up any number."""

_ROOM = "room"
_REASONS = {
    _ROOM: Text(
        fr="au-delà de la place prévue pour les réponses distinctes d'un type de requête",
        en="beyond the room for distinct answers to one kind of request",
    ),
    NOT_FHIR: Text(
        fr="refus ou erreurs qui ne sont pas dits en FHIR",
        en="refusals or errors that are not said in FHIR",
    ),
    UNCOVERED: Text(
        fr="types de ressources que le laboratoire ne couvre pas",
        en="resource types that the laboratory does not cover",
    ),
}
_NO_RESOURCE = Text(fr="la réponse n'est pas une ressource FHIR", en="the answer is no FHIR resource")


def worth(read: Answered) -> Answers:
    """Return what the answers of a run were worth."""
    unjudged = Counter({_ROOM: read.left.total()})
    routes: defaultdict[str, list[Distinct]] = defaultdict(list)
    for one in read.distinct.values():
        routes[one.body.route].append(one)
        if reason := read.judgements[one.body.id].unjudged:
            unjudged[reason] += _times(one)
    rows = tuple(_route(name, routes[name], read) for name in sorted({*routes, *read.left}))
    wrong = sorted(_wrong(read), key=lambda one: (-one.answers, one.route, one.where, one.rule))
    return Answers(
        answers=sum(row.answers for row in rows),
        judged=sum(row.judged for row in rows),
        distinct=sum(row.distinct for row in rows),
        deep=sum(row.deep for row in rows),
        invalid=sum(row.invalid for row in rows),
        routes=rows,
        unjudged=tuple(Unjudged(_REASONS[reason], count) for reason, count in unjudged.items() if count),
        wrong=tuple(wrong[:MOST_WRONG]),
        more=len(wrong[MOST_WRONG:]),
    )


def _route(name: str, bodies: Iterable[Distinct], read: Answered) -> RouteAnswers:
    bodies = list(bodies)
    judged = [one for one in bodies if not read.judgements[one.body.id].unjudged]
    return RouteAnswers(
        name=name,
        answers=sum(map(_times, bodies)) + read.left[name],
        judged=sum(map(_times, judged)),
        distinct=len(judged),
        deep=sum(one.deep for one in judged),
        invalid=sum(_times(one) for one in judged if read.judgements[one.body.id].wrong),
    )


def _wrong(read: Answered) -> Iterable[Wrong]:
    found: defaultdict[tuple[str, Defective], list[Distinct]] = defaultdict(list)
    for one in read.distinct.values():
        for defect in read.judgements[one.body.id].wrong:
            found[one.body.route, defect].append(one)
    for (route, defect), bodies in found.items():
        says = _NO_RESOURCE if defect.rule == NOT_FHIR else about(Finding(defect.where, defect.rule))
        yield Wrong(
            route=route,
            where=defect.where,
            rule=defect.rule,
            says=says,
            answers=sum(map(_times, bodies)),
            distinct=len(bodies),
            deep=defect.deep,
        )


def _times(one: Distinct) -> int:
    """Return how often a body came: a generator that died may not have said it, and it came once."""
    return max(1, one.answers)
