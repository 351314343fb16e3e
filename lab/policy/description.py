"""What a policy says, in plain words: who, from where, when, what is open, hidden, never given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lab.fhir.element_types import elements_along
from lab.fhir.interaction import Interaction
from lab.fhir.policy import ALWAYS, Denial, Permit, Policy, Validity
from lab.model.text import Text
from lab.policy import words


@dataclass(frozen=True)
class Section:
    """One question, and the lines that answer it."""

    title: Text
    lines: tuple[Text, ...]


def describe(policy: Policy, client_id: str, today: date) -> tuple[Section, ...]:
    """Return the policy of an application in words."""
    return (
        Section(Text("Qui", "Who"), (_application(client_id),)),
        Section(Text("D'où", "From where"), (_networks(policy),)),
        Section(Text("Quand", "When"), (_when(policy, today),)),
        Section(Text("Ce qui est ouvert", "What is open"), tuple(_open(policy))),
        Section(Text("Ce qui est caché", "What is hidden"), tuple(_hidden(policy))),
        Section(Text("Ce qui n'est jamais donné", "What is never given"), tuple(_never(policy))),
    )


def _application(client_id: str) -> Text:
    return Text(f"l'application Device/{client_id}", f"the application Device/{client_id}")


def _networks(policy: Policy) -> Text:
    if not policy.networks:
        return Text("de nulle part : aucune règle permit ne vaut", "from nowhere: no permit rule applies")
    names = [Text(str(network), str(network)) for network in policy.networks]
    found = words.listed(names, "et", "and")
    return Text(f"seulement depuis {found.fr}", f"only from {found.en}")


def _when(policy: Policy, today: date) -> Text:
    period = _period(policy.validity)
    if not policy.active:
        return Text("jamais : son statut n'est pas active", "never: its status is not active")
    if policy.validity.holds(today):
        return Text(f"{period.fr} : en vigueur le {today}", f"{period.en}: in force on {today}")
    return Text(f"{period.fr} : pas en vigueur le {today}", f"{period.en}: not in force on {today}")


def _period(validity: Validity) -> Text:
    start, end = validity.start, validity.end
    match (start is None, end is None):
        case (True, True):
            return Text("sans limite de temps", "without limit of time")
        case (False, True):
            return Text(f"à partir du {start}", f"from {start} on")
        case (True, False):
            return Text(f"jusqu'au {end} inclus", f"until {end} included")
    return Text(f"du {start} au {end} inclus", f"from {start} to {end} included")


def _open(policy: Policy) -> Iterator[Text]:
    for number, permit in enumerate(policy.permits, start=1):
        yield from _permit(permit, number)
    if not policy.permits:
        yield Text("rien", "nothing")


def _permit(permit: Permit, number: int) -> Iterator[Text]:
    for code in sorted({purpose for _, purpose in permit.activities}):
        actions = [action for action in Interaction if (action, code) in permit.activities]
        done = words.listed(map(words.interaction, actions), "et", "and")
        end = words.purpose(code)
        during = _period(permit.validity)
        when = Text("", "") if permit.validity == ALWAYS else Text(f", {during.fr}", f", {during.en}")
        yield Text(
            f"{number}. {done.fr}, pour {end.fr}{when.fr} :", f"{number}. {done.en}, for {end.en}{when.en}:"
        )
    for type_, cohort in permit.cohorts.items():
        inside = words.cohort(cohort)
        yield Text(f"   {type_} : {inside.fr}", f"   {type_}: {inside.en}")


def _hidden(policy: Policy) -> Iterator[Text]:
    if not policy.masks:
        yield Text("rien", "nothing")
        return
    for mask in policy.masks:
        name = words.element(mask)
        along = elements_along(mask.type, mask.elements)
        if along[-1].required and not mask.systems:
            yield Text(
                f"{name.fr} (obligatoire : remplacé par data-absent-reason masked)",
                f"{name.en} (mandatory: replaced by data-absent-reason masked)",
            )
        else:
            yield name
    yield Text(
        "et, de toute ressource, le texte libre (text) et le numéro de version (une empreinte à la place) ; "
        "une requête qui interroge un élément caché est refusée",
        "and, of every resource, the narrative (text) and the number of its version (a digest in its place); "
        "a request that asks about a hidden element is refused",
    )


def _never(policy: Policy) -> Iterator[Text]:
    for denial in policy.denials:
        yield from _denied(denial)
    yield Text(
        "tout ce qui n'est pas ouvert ci-dessus : les autres types, actions, patients et finalités",
        "whatever is not open above: other types, actions, patients and purposes",
    )


def _denied(denial: Denial) -> Iterator[Text]:
    during = _activities(denial)
    for type_, pools in denial.pools.items():
        of = (
            Text("dans tous les types", "in every type")
            if type_ == "*"
            else Text(f"en {type_}", f"in {type_}")
        )
        what = words.listed(map(words.pool, sorted(pools)), "et", "and") if pools else words.EVERY
        yield Text(f"{of.fr} : {what.fr}{during.fr}", f"{of.en}: {what.en}{during.en}")


def _activities(denial: Denial) -> Text:
    if denial.activities is None:
        return Text("", "")
    if not denial.activities:
        return Text(
            ", pour aucune action que cette Permission ouvre", ", for no action that this Permission opens"
        )
    purposes = words.listed(map(words.purpose, sorted({p for _, p in denial.activities})), "et", "and")
    actions = [one for one in Interaction if any(action is one for action, _ in denial.activities)]
    if len(actions) == len(Interaction):
        return Text(f", pour {purposes.fr}", f", for {purposes.en}")
    done = words.listed(map(words.interaction, actions), "et", "and")
    return Text(f", pour {done.fr}, pour {purposes.fr}", f", to {done.en}, for {purposes.en}")
