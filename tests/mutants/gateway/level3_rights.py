"""Level 3, holes in what scopes and Permissions open: letters, types, purposes, status, validity, denials."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lab.fhir import scopes
from lab.fhir.interaction import Interaction
from lab.fhir.policy import Policy, Validity
from lab.fhir.scopes import Scopes
from lab.gateway import level3_resource_type


def scope_by_prefix(patch: pytest.MonkeyPatch) -> None:
    """Types of scopes are compared by their beginnings: ObservationDefinition opens Observation."""
    _holding(
        patch,
        lambda type_, letter, rights: any(
            (t == "*" or t.startswith(type_)) and x == letter for t, x in rights
        ),
    )


def any_scope_of_the_type(patch: pytest.MonkeyPatch) -> None:
    """One right on a type is all of them."""
    _holding(patch, lambda type_, _, rights: any(t in {type_, "*"} for t, _ in rights))


def any_type_of_the_right(patch: pytest.MonkeyPatch) -> None:
    """A right on one type is a right on all."""
    _holding(patch, lambda _, letter, rights: any(x == letter for _, x in rights))


def star_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A scope on every type opens none: what is granted is refused."""
    _holding(patch, lambda type_, letter, rights: (type_, letter) in rights)


def write_of_v1_reads(patch: pytest.MonkeyPatch) -> None:
    """The scope .write of version 1 opens reading."""
    patch.setattr(scopes, "_V1", {**scopes._V1, "write": "cruds"})


def read_of_v1_writes(patch: pytest.MonkeyPatch) -> None:
    """The scope .read of version 1 opens everything."""
    patch.setattr(scopes, "_V1", {**scopes._V1, "read": "cruds"})


def read_of_v1_does_not_search(patch: pytest.MonkeyPatch) -> None:
    """The scope .read of version 1 does not open searching: what is granted is refused."""
    patch.setattr(scopes, "_V1", {**scopes._V1, "read": "r"})


def right_to_search_reads(patch: pytest.MonkeyPatch) -> None:
    """The right s opens reading too."""
    _lettered(patch, Interaction.READ, "s")


def right_to_read_searches(patch: pytest.MonkeyPatch) -> None:
    """The right r opens searching too."""
    _lettered(patch, Interaction.SEARCH_TYPE, "r")


def right_to_create_updates(patch: pytest.MonkeyPatch) -> None:
    """The right c opens updates."""
    _lettered(patch, Interaction.UPDATE, "c")


def right_to_update_deletes(patch: pytest.MonkeyPatch) -> None:
    """The right u opens deletions."""
    _lettered(patch, Interaction.DELETE, "u")


def right_to_read_lists_types(patch: pytest.MonkeyPatch) -> None:
    """The right r opens the history of a type, where s is needed."""
    _lettered(patch, Interaction.HISTORY_TYPE, "r")


def granular_scope_opens_versions(patch: pytest.MonkeyPatch) -> None:
    """A granular scope opens past versions, which its query is not held against."""
    patch.setattr(level3_resource_type, "VERSIONS", frozenset())


def granular_scope_opens_nothing(patch: pytest.MonkeyPatch) -> None:
    """A granular scope is not understood: what is granted is refused."""
    sound = Scopes.cohort
    patch.setattr(Scopes, "cohort", lambda self, *of: sound(replace(self, narrowed=frozenset()), *of))


def granular_scope_opens_every_right(patch: pytest.MonkeyPatch) -> None:
    """A granular scope opens every right on its type."""
    sound = Scopes.cohort

    def cohort(self, type_, interaction):
        found = sound(self, type_, interaction)
        return found or next(
            (sound(self, t, Interaction.READ) for t, _, _ in self.narrowed if t == type_), None
        )

    patch.setattr(Scopes, "cohort", cohort)


def scopes_ignored(patch: pytest.MonkeyPatch) -> None:
    """The scopes are those of the application, not of the token: none is asked."""
    patch.setattr(
        Scopes,
        "cohort",
        lambda _, type_, interaction: (
            scopes.WHOLE if type_ in _SERVED and interaction in scopes.LETTER else None
        ),
    )


def permission_ignored(patch: pytest.MonkeyPatch) -> None:
    """A right of the scopes is enough: the Permission is not asked (Firely: no policy, all is kept)."""
    patch.setattr(
        Policy, "opened", lambda policy, *_: {t: scopes.WHOLE for p in policy.permits for t in p.cohorts}
    )


def purpose_ignored(patch: pytest.MonkeyPatch) -> None:
    """A rule for another purpose of use opens."""
    sound = Policy.opened

    def opened(policy, activity, today):
        action, _ = activity
        permits = tuple(
            replace(p, activities=p.activities | {(a, activity[1]) for a, _ in p.activities if a is action})
            for p in policy.permits
        )
        return sound(replace(policy, permits=permits), activity, today)

    patch.setattr(Policy, "opened", opened)


def actions_ignored(patch: pytest.MonkeyPatch) -> None:
    """A rule opens its types to every action."""
    sound = Policy.opened

    def opened(policy, activity, today):
        _, purpose = activity
        permits = tuple(
            replace(
                p,
                activities=p.activities
                | ({activity} if any(x == purpose for _, x in p.activities) else set()),
            )
            for p in policy.permits
        )
        return sound(replace(policy, permits=permits), activity, today)

    patch.setattr(Policy, "opened", opened)


def types_of_all_rules(patch: pytest.MonkeyPatch) -> None:
    """The types of one rule are opened to the actions of another (pooled rules, Fyrstain)."""
    sound = Policy.opened

    def opened(policy, activity, today):
        found = sound(policy, activity, today)
        return {t: scopes.WHOLE for p in policy.permits for t in p.cohorts} if found else found

    patch.setattr(Policy, "opened", opened)


def status_ignored(patch: pytest.MonkeyPatch) -> None:
    """A Permission that is a draft, rejected or entered in error opens."""
    patch.setattr(Policy, "in_force", lambda policy, today: policy.validity.holds(today))


def validity_ignored(patch: pytest.MonkeyPatch) -> None:
    """A Permission opens before and after its validity."""
    patch.setattr(Validity, "holds", lambda *_: True)


def end_of_validity_ignored(patch: pytest.MonkeyPatch) -> None:
    """A Permission that has ended still opens."""
    patch.setattr(Validity, "holds", lambda self, today: self.start is None or self.start <= today)


def validity_one_day_longer(patch: pytest.MonkeyPatch) -> None:
    """The day after the last one is still within."""
    sound = Validity.holds
    patch.setattr(
        Validity, "holds", lambda self, today: sound(self, today) or sound(self, today - timedelta(days=1))
    )


def last_day_left_out(patch: pytest.MonkeyPatch) -> None:
    """The last day of the validity is no longer within: what is granted is refused."""
    sound = Validity.holds
    patch.setattr(Validity, "holds", lambda self, today: sound(self, today) and today != self.end)


def denials_ignored(patch: pytest.MonkeyPatch) -> None:
    """A denial of a type takes nothing away (permit-overrides)."""
    sound = Policy.opened
    patch.setattr(Policy, "opened", lambda policy, *of: sound(replace(policy, denials=()), *of))


def denial_of_every_action_ignored(patch: pytest.MonkeyPatch) -> None:
    """A denial that names no action denies none."""
    sound = Policy.opened

    def opened(policy, *of):
        named = tuple(denial for denial in policy.denials if denial.activities is not None)
        return sound(replace(policy, denials=named), *of)

    patch.setattr(Policy, "opened", opened)


def denial_of_every_action(patch: pytest.MonkeyPatch) -> None:
    """A denial of some actions denies all: what is granted is refused."""
    sound = Policy.opened

    def opened(policy, *of):
        every = tuple(replace(denial, activities=None) for denial in policy.denials)
        return sound(replace(policy, denials=every), *of)

    patch.setattr(Policy, "opened", opened)


_SERVED = frozenset({"Patient", "Observation", "Encounter", "Condition", "Organization", "Group", "List"})


def _holding(patch, holds) -> None:
    """Decide in another way which whole rights scopes hold."""
    sound = Scopes.cohort

    def cohort(self, type_, interaction):
        letter = scopes.LETTER.get(interaction)
        if letter is not None and type_ is not None and holds(type_, letter, self.rights):
            return scopes.WHOLE
        return sound(replace(self, rights=frozenset()), type_, interaction)

    patch.setattr(Scopes, "cohort", cohort)


def _lettered(patch, interaction, letter) -> None:
    """Let another right open an interaction too."""
    sound = Scopes.cohort

    def cohort(self, type_, asked):
        found = sound(self, type_, asked)
        if found is None and asked is interaction and type_ is not None and self.holds(type_, letter):
            return scopes.WHOLE
        return found

    patch.setattr(Scopes, "cohort", cohort)
