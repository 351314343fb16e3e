"""What is sound in a policy and yet seldom meant: each with what to do about it."""

from collections.abc import Callable, Iterator
from datetime import date

from lab.fhir.cohort import LABEL
from lab.fhir.compartments import compartment
from lab.fhir.interaction import CONTAINERS, Interaction
from lab.fhir.permission.deny_rule import CONFIDENTIALITY
from lab.fhir.policy import Policy
from lab.gateway.level3_resource_type import NEVER, PUBLIC
from lab.model.text import Text
from lab.policy import words

INS_SYSTEMS = frozenset(f"urn:oid:1.2.250.1.213.1.4.{last}" for last in (8, 9, 10, 11))
"""The systems of the INS: real NIR and NIA, test, demonstration."""

_POOLS = ("Group/", "List/")
_NARROW = {4: 8, 6: 16}
"""The shortest prefix, by version of IP, of a network that is not a good part of the Internet."""


def warnings(policy: Policy, today: date) -> tuple[Text, ...]:
    """Return everything to be wary of."""
    return tuple(text for check in _CHECKS for text in check(policy, today))


def _when(policy: Policy, today: date) -> Iterator[Text]:
    end, start = policy.validity.end, policy.validity.start
    if not policy.active:
        yield Text("elle n'est pas active : rien n'est donné.", "it is not active: nothing is given.")
    if end is None:
        yield Text("elle n'expire jamais : donnez validity.end.", "it never expires: give validity.end.")
    elif end < today:
        yield Text(f"elle a expiré le {end} : renouvelez-la.", f"it expired on {end}: renew it.")
    if start is not None and start > today:
        yield Text(f"elle ne vaut qu'à partir du {start}.", f"it only holds from {start} on.")


def _networks(policy: Policy, _: date) -> Iterator[Text]:
    for network in policy.networks:
        if network.prefixlen < _NARROW[network.version]:
            yield Text(
                f"le réseau {network} est une bonne part d'Internet : donnez celui de l'application.",
                f"the network {network} is a good part of the Internet: give that of the application.",
            )


def _cohorts(policy: Policy, _: date) -> Iterator[Text]:
    patients = {"Patient", *compartment("Patient")}
    for type_, cohort in dict.fromkeys(pair for permit in policy.permits for pair in permit.cohorts.items()):
        if cohort.whole and type_ in patients:
            yield Text(
                f"{type_} est ouvert pour tous les patients : confinez-le à un Group, si ce n'est pas voulu.",
                f"{type_} is open for every patient: confine it to a Group, unless this is meant.",
            )
        if cohort.whole and type_ in {"Group", "List"}:
            yield Text(
                f"{type_} est ouvert en entier : l'application lit qui est dans chaque cohorte.",
                f"{type_} is open whole: the application reads who is in each cohort.",
            )
        named = any(all(pool.startswith(_POOLS) for pool in clause) for clause in cohort.within)
        if named and type_ not in {*patients, "Group", "List"}:
            yield Text(
                f"{type_} n'est jamais dans un Group ni une List : rien n'est ouvert, utilisez security.",
                f"{type_} is never in a Group or a List: nothing is open, use security.",
            )
        if any(pool.startswith(f"{LABEL}{CONFIDENTIALITY}|") for pool in cohort.pools):
            yield Text(
                f"{type_} : une étiquette de confidentialité n'ouvre ici que son code exact, pas les niveaux "
                "inférieurs.",
                f"{type_}: a confidentiality label opens its exact code only here, not the lower levels.",
            )


def _actions(policy: Policy, today: date) -> Iterator[Text]:
    activities = {pair for permit in policy.permits for pair in permit.activities}
    for action in sorted({action for action, _ in activities} & {*NEVER, *PUBLIC, *CONTAINERS}):
        yield Text(
            f"l'action {action} ne dépend d'aucune Permission : retirez-la.",
            f"the action {action} depends on no Permission: remove it.",
        )
    for code in sorted({code for _, code in activities} - words.PURPOSE_CODES):
        yield Text(
            f"{code} n'est pas une finalité de v3-ActReason : la règle ne servira pas. Corrigez le code.",
            f"{code} is no purpose of v3-ActReason: the rule will never serve. Correct the code.",
        )
    if policy.masks and any(action is Interaction.PATCH for action, _ in activities):
        yield Text(
            "patch est ouvert, mais refusé à qui a des masques : ouvrez update à la place.",
            "patch is open, but refused to whoever has masks: open update instead.",
        )
    for code in sorted({code for _, code in activities}):
        read, searched = (
            policy.opened((action, code), today) for action in (Interaction.READ, Interaction.SEARCH_TYPE)
        )
        for type_ in sorted(read.keys() ^ searched.keys()):
            yield Text(
                f"{type_} n'est pas ouvert à la fois à read et à search-type : les include et les chaînes ne "
                "le verront pas.",
                f"{type_} is not open to both read and search-type: includes and chains will not see it.",
            )


def _masks(policy: Policy, _: date) -> Iterator[Text]:
    opened = {type_ for permit in policy.permits for type_ in permit.cohorts}
    for mask in policy.masks:
        if mask.type not in opened:
            yield Text(
                f"{mask} est caché, mais aucune règle n'ouvre {mask.type} : retirez l'un ou ouvrez l'autre.",
                f"{mask} is hidden, but no rule opens {mask.type}: remove the one or open the other.",
            )
    hidden = frozenset().union(*(m.systems for m in policy.masks if str(m) == "Patient.identifier"))
    if hidden & INS_SYSTEMS and not hidden >= INS_SYSTEMS:
        missing = ", ".join(sorted(INS_SYSTEMS - hidden))
        yield Text(
            f"le masque de l'INS oublie {missing} : ajoutez ces systèmes.",
            f"the mask of the INS leaves out {missing}: add these systems.",
        )


def _denials(policy: Policy, _: date) -> Iterator[Text]:
    opened = {type_ for permit in policy.permits for type_ in permit.cohorts}
    for denial in policy.denials:
        for type_, pools in denial.pools.items():
            if type_ == "*" and not pools and denial.activities is None:
                yield Text("une règle deny retire tout.", "a deny rule takes everything away.")
            elif type_ not in {*opened, "*"}:
                yield Text(
                    f"une règle deny retire {type_}, qu'aucune règle n'ouvre : est-ce le bon type ?",
                    f"a deny rule takes away {type_}, which no rule opens: is it the right type?",
                )


_CHECKS: tuple[Callable[[Policy, date], Iterator[Text]], ...] = (
    _when,
    _networks,
    _cohorts,
    _actions,
    _masks,
    _denials,
)
