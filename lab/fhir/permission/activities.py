"""``rule.activity``: which application, doing what, for what purpose.

Repetitions of ``activity`` add up; what one holds must be met at once, hence one purpose each and, in R6, one
action each. R5 does not say how several actions of one activity combine: here, each of them is meant.
Specs: https://hl7.org/fhir/R5/permission-definitions.html#Permission.rule.activity, code systems
restful-interaction and v3-ActReason
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lab.fhir.interaction import Interaction
from lab.fhir.permission.form import Form
from lab.fhir.permission.reference import referred
from lab.fhir.permission.refusal import refused
from lab.fhir.policy import Activity

ACTIONS = "http://hl7.org/fhir/restful-interaction"
PURPOSES = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


@dataclass(frozen=True)
class Pattern:
    """An activity that a rule is about; None stands for any."""

    action: Interaction | None
    purpose: str | None

    def matching(self, purposes: Iterable[str]) -> frozenset[Activity]:
        """Return the activities that it stands for, given every purpose that some permit names."""
        actions = tuple(Interaction) if self.action is None else (self.action,)
        named = tuple(purposes) if self.purpose is None else (self.purpose,)
        return frozenset((action, purpose) for action in actions for purpose in named)


def patterns(activity: Mapping[str, Any], where: str, client_id: str, form: Form) -> list[Pattern]:
    """Read one ``activity`` of a denial, in which whatever is absent stands for any.

    Raises:
        PermissionRefusedError: it is about another actor, or says what the gateway cannot decide on.
    """
    if "actor" in activity:
        _check_actor(activity["actor"], f"{where}.actor", client_id, form)
    actions = _codes(activity, "action", where, ACTIONS)
    purposes = _codes(activity, "purpose", where, PURPOSES)
    if len(purposes) > 1 or (len(actions) > 1 and form == "R6"):
        name = "action" if len(purposes) == 1 else "purpose"
        raise refused(
            f"{where}.{name}",
            f"plusieurs {name} d'une même activity vaudraient à la fois : écrivez une activity par {name}.",
            f"several {name}s in one activity would all have to hold at once: write one activity for each.",
        )
    purpose = next(iter(purposes), None)
    if not actions:
        return [Pattern(None, purpose)]
    return [Pattern(_interaction(code, f"{where}.action"), purpose) for code in actions]


def activities_of(activity: Mapping[str, Any], where: str, client_id: str, form: Form) -> set[Activity]:
    """Read one ``activity`` of a permit.

    Raises:
        PermissionRefusedError: as above, or something is absent: it would open everything.
    """
    if missing := [name for name in ("actor", "action", "purpose") if name not in activity]:
        raise refused(
            where,
            f"il manque {', '.join(missing)} : la règle permit ouvrirait tout, écrivez-le.",
            f"{', '.join(missing)} is missing: the permit rule would open everything, write it.",
        )
    return {match for one in patterns(activity, where, client_id, form) for match in one.matching(())}


def _check_actor(actors: list[Mapping[str, Any]], where: str, client_id: str, form: Form) -> None:
    references = [actor if form == "R5" else actor.get("reference", {}) for actor in actors]
    found = [referred(one, f"{where}[{n}]", ("Device",)) for n, one in enumerate(references)]
    if found != [f"Device/{client_id}"]:
        seen = ", ".join(found)
        raise refused(
            where,
            f"doit être Device/{client_id}, l'application à qui elle est donnée, vu {seen} : corrigez.",
            f"must be Device/{client_id}, the application it is for, saw {seen}: correct it.",
        )


def _codes(activity: Mapping[str, Any], name: str, where: str, system: str) -> list[str]:
    """Return the codes of actions or purposes, each concept one code; none when they are absent."""
    codes = []
    for number, concept in enumerate(activity.get(name, [])):
        codings = concept.get("coding", [])
        if len(codings) != 1 or "code" not in codings[0] or codings[0].get("system", system) != system:
            raise refused(
                f"{where}.{name}[{number}].coding",
                f"attendu un seul coding, avec un code de {system} : corrigez.",
                f"expected one coding, with a code of {system}: correct it.",
            )
        codes.append(codings[0]["code"])
    return codes


def _interaction(code: str, where: str) -> Interaction:
    try:
        return Interaction(code)
    except ValueError:
        near = get_close_matches(code, [str(one) for one in Interaction], 1)
        hint = (f" Vouliez-vous dire {near[0]} ?", f" Did you mean {near[0]}?") if near else ("", "")
        raise refused(
            where,
            f"attendu une interaction FHIR, vu {code!r}.{hint[0]}",
            f"expected a FHIR interaction, saw {code!r}.{hint[1]}",
        ) from None
