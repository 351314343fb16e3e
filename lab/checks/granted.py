"""What the hospital grants to the application as a client: its Permission as compiled, within its scopes.

Whom a cohort holds is known to the laboratory where it is written with Groups of the answer key; of Lists, of
labels and of granular scopes it knows the names only.
Spec: https://hl7.org/fhir/R5/permission.html
"""

from collections.abc import Iterable
from datetime import date

from lab.api import (
    Expect,
    Interaction,
    Policy,
    PolicyError,
    Truth,
    TypeCohort,
    compile_permission,
    parse_scopes,
)

_GROUP = "Group/"


def policy_of(truth: Truth, expect: Expect) -> Policy:
    """Return the compiled Permission; skips when the laboratory cannot tell what it grants."""
    client = truth.subject.client
    if client is None:
        expect.omit("L'application n'est pas cliente.", "The application is no client.")
    try:
        policy = compile_permission(client.permission, client.client_id, client.library)
    except PolicyError as error:
        expect.skip(
            f"La Permission de l'application n'est pas lue : {error}",
            f"The Permission of the application is not read: {error}",
        )
    if any(permit.validity.start or permit.validity.end for permit in policy.permits):
        expect.skip(
            "La Permission importe des règles limitées dans le temps : ce qu'elle ouvre dépend du jour.",
            "The Permission imports rules that are limited in time: what it opens depends on the day.",
        )
    return policy


def granted(truth: Truth, expect: Expect, interaction: Interaction) -> dict[str, TypeCohort]:
    """Return the types that Permission and scopes both open to an interaction, each with its cohort."""
    policy, client = policy_of(truth, expect), truth.subject.client
    if client is None:
        return {}
    scopes = parse_scopes(client.scopes)
    found: dict[str, TypeCohort] = {}
    for type_, cohort in policy.opened((interaction, client.purpose), date.min).items():
        scoped = scopes.cohort(type_, interaction)
        if scoped is not None:
            found[type_] = cohort.and_also(scoped)
    return found


def unknown_in(cohort: TypeCohort, truth: Truth) -> list[str]:
    """Return what of a confined cohort the laboratory cannot look up; empty when it knows its patients."""
    pools = [pool for pool in sorted(cohort.pools) if pool.removeprefix(_GROUP) not in truth.groups]
    queries = sorted({query for clause in cohort.queries for query in clause})
    return [*pools, *queries] or ([] if cohort.within else [str(cohort)])


def members(cohort: TypeCohort, truth: Truth) -> frozenset[str]:
    """Return the patients of a cohort of which nothing is unknown."""
    clauses = [_patients(clause, truth) for clause in cohort.within]
    return frozenset.intersection(*clauses) - _patients(cohort.without, truth)


def _patients(pools: Iterable[str], truth: Truth) -> frozenset[str]:
    return frozenset(id_ for pool in pools for id_ in truth.groups[pool.removeprefix(_GROUP)])
