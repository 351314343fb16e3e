"""Who may have the files of a bulk export: the client that asked, as long as it sees as much as it did.

The rule: the same client under the same version of its policy; every exported type still open to it, confined
to the same Groups; and every patient who was then a member of these Groups still is. If one of these fails,
the job answers as an unknown one, for good or until the patient is back. Nothing is taken out of the files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.fhir.view import View
from lab.fhirserver.storage.store import Store
from lab.fhirserver.visibility import members


@dataclass(frozen=True)
class Owner:
    """``groups`` by exported type, ``members`` by Group, both as they were at the transactionTime."""

    binding: str
    groups: Mapping[str, tuple[str, ...]]
    members: Mapping[str, frozenset[str]]

    def is_still(self, store: Store, view: View) -> bool:
        """Tell whether a view is that of the owner, and shows all that it did."""
        return (
            view.binding == self.binding
            and all(view.sees(type_) and view.groups(type_) == then for type_, then in self.groups.items())
            and all(members(store, group) >= then for group, then in self.members.items())
        )


def owner(store: Store, view: View, types: Iterable[str]) -> Owner:
    """Return who asks for an export of some types."""
    groups = {type_: view.groups(type_) for type_ in types}
    confining = {group for named in groups.values() for group in named}
    return Owner(view.binding, groups, {group: members(store, group) for group in sorted(confining)})
