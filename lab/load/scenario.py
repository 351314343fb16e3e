"""A profile and the figures that it assumes of the hospital, which anyone who knows better may replace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from lab.load.error import LoadError
from lab.load.plan import Profile
from lab.model.text import Text

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Assumption:
    """One figure that is not known of this hospital, and what it stands for."""

    value: float
    meaning: Text


@dataclass(frozen=True)
class Scenario:
    """``make`` computes the profile from its figures; ``arithmetic`` is how, for people."""

    make: Callable[[Figures], Profile]
    arithmetic: Text
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)

    def profile(self, replaced: Figures | None = None) -> Profile:
        """Return the profile, with some figures replaced.

        Raises:
            LoadError: one of them is not assumed, is not positive, or makes no profile.
        """
        figures = {name: one.value for name, one in self.assumptions.items()}
        for name, value in (replaced or {}).items():
            if name not in figures:
                near = get_close_matches(name, figures, 1)
                hint = (
                    f"did you mean {near[0]}?" if near else f"it assumes {', '.join(figures) or 'nothing'}."
                )
                message = f"This profile assumes no figure called {name}: {hint}"
                raise LoadError(message)
            if not 0 < value < float("inf"):
                message = f"The assumption {name} must be a positive number, not {value:g}."
                raise LoadError(message)
            figures[name] = float(value)
        return self.make(figures)
