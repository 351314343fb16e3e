"""Finds the load profiles: every ``Profile`` defined in a module of the package that holds them."""

from importlib import import_module
from pkgutil import iter_modules

from lab.load.error import LoadError
from lab.load.plan import Profile

PACKAGE = "scenarios.load"


def profiles(package: str = PACKAGE) -> dict[str, Profile]:
    """Return the profiles of a package by id, in the order of their ids.

    Raises:
        LoadError: two profiles have the same id.
    """
    found: dict[str, Profile] = {}
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        for profile in vars(import_module(module.name)).values():
            if not isinstance(profile, Profile):
                continue
            if profile.id in found:
                message = (
                    f"Two load profiles are called {profile.id}: give the one in {module.name} another id."
                )
                raise LoadError(message)
            found[profile.id] = profile
    return dict(sorted(found.items()))
