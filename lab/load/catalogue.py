"""Finds the load profiles: the ``SCENARIO`` of each module of the package that holds them."""

from importlib import import_module
from pkgutil import iter_modules

from lab.load.error import LoadError
from lab.load.plan import Profile
from lab.load.scenario import Scenario

PACKAGE = "scenarios.load"


def scenarios(package: str = PACKAGE) -> dict[str, Scenario]:
    """Return the scenarios of a package by the id of their profile, in the order of the ids.

    Raises:
        LoadError: two profiles have the same id or name.
    """
    found: dict[str, tuple[Scenario, str, str]] = {}
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        scenario = getattr(import_module(module.name), "SCENARIO", None)
        if not isinstance(scenario, Scenario):
            continue
        profile = scenario.profile()
        for _, name, other in found.values():
            if name == profile.name:
                message = (
                    f"Two load profiles are called {name}: rename the one in {module.name} ({other} too)."
                )
                raise LoadError(message)
        if profile.id in found:
            message = f"Two load profiles have the id {profile.id}: give the one in {module.name} another."
            raise LoadError(message)
        found[profile.id] = scenario, profile.name, module.name
    return {id_: scenario for id_, (scenario, _, _) in sorted(found.items())}


def profiles(package: str = PACKAGE) -> dict[str, Profile]:
    """Return the profiles of a package by id, with the figures that they assume."""
    return {id_: scenario.profile() for id_, scenario in scenarios(package).items()}


def scenario_named(name: str, package: str = PACKAGE) -> Scenario:
    """Return the scenario of a profile, by its name or its id.

    Raises:
        LoadError: there is none.
    """
    known = scenarios(package)
    by_name = {scenario.profile().name: scenario for scenario in known.values()}
    found = by_name.get(name) or known.get(name)
    if found is None:
        message = f"Unknown load profile {name!r}: choose one of {', '.join(by_name)}."
        raise LoadError(message)
    return found
