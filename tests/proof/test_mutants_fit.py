"""What a mutant of the gateway puts in the place of a function can be called as that function is.

One that cannot would end in a TypeError of its own, which is no hole, and only where it is put on trial.
"""

import inspect

import pytest

from lab.proof.mutation import gateway_mutants

_GIVEN = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


class Comparing(pytest.MonkeyPatch):
    """Notes the functions that take other arguments than the ones that they replace."""

    def __init__(self):
        super().__init__()
        self.unlike = []

    def setattr(self, target, name, *value, **options):
        """Compare, then replace as ever."""
        if value and inspect.isfunction(value[0]):
            sound = getattr(target, name, None)
            if inspect.isfunction(sound) and not fits(sound, value[0]):
                self.unlike.append(f"{target.__name__}.{name}{inspect.signature(sound)}")
        super().setattr(target, name, *value, **options)


def fits(sound, other):
    """Tell whether a function takes as many arguments, by place, as the sound one is given."""
    asked, taken = (tuple(inspect.signature(one).parameters.values()) for one in (sound, other))
    many = [one for one in asked if one.kind in _GIVEN]
    least = sum(one.default is one.empty for one in many)
    places = [one for one in taken if one.kind in _GIVEN]
    named = {one.name for one in asked if one.kind is one.KEYWORD_ONLY}
    if not any(one.kind is one.VAR_KEYWORD for one in taken) and not named <= {one.name for one in taken}:
        return False
    if any(one.kind is one.VAR_POSITIONAL for one in (*asked, *taken)):
        return sum(one.default is one.empty for one in places) <= max(least, 1)
    return sum(one.default is one.empty for one in places) <= least and len(places) >= least


@pytest.mark.parametrize("mutant", gateway_mutants(), ids=lambda mutant: mutant.name)
def test_what_a_mutant_replaces_is_called_in_the_same_way(mutant):
    patch = Comparing()
    try:
        mutant.open_(patch)
    finally:
        patch.undo()
    assert patch.unlike == []


def one(a):
    return a


def one_or_two(a, b=0):
    return a, b


def two(a, b):
    return a, b


def any_number(*a):
    return a


@pytest.mark.parametrize(
    ("sound", "other", "fit"),
    [
        (two, two, True),
        (two, one, False),
        (one, two, False),
        (one_or_two, two, False),
        (one_or_two, any_number, True),
        (two, any_number, True),
        (any_number, one, True),
    ],
)
def test_fitting_is_told_from_not_fitting(sound, other, fit):
    assert fits(sound, other) is fit
