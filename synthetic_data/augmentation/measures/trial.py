"""Hold what a privacy measure needs: rows, the patients they may betray, and patients they cannot betray."""

from dataclasses import dataclass, field

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.table import Table, stacked


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One release before an attacker.

    `members` are the patients that `released` was made from, `outsiders` as many patients that it was not
    made from. Only what works better on members than on outsiders is a leak: the rest is clinical knowledge.
    `near` are the patients to whom distances are given, the members unless said otherwise.
    """

    encoding: Encoding
    members: Table
    outsiders: Table
    released: Table
    near: Table
    member_points: Floats = field(init=False)
    outsider_points: Floats = field(init=False)
    released_points: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Encode once what every measure compares."""
        for name in ("member", "outsider"):
            object.__setattr__(self, f"{name}_points", self.encoding.encode(getattr(self, f"{name}s")))
        object.__setattr__(self, "released_points", self.encoding.encode(self.released))

    @property
    def people(self) -> Table:
        """Give members then outsiders."""
        return stacked(self.members, self.outsiders)
