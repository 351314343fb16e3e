"""What comes along with the matches of a search: each resource is decided like one that is read.

Spec: https://hl7.org/fhir/R4/search.html#revinclude
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.mutants.vendors.sound.message import Json, Refused
from tests.mutants.vendors.sound.parameters import PARAMETERS, Parameter, values
from tests.mutants.vendors.sound.tokens import Caller


@dataclass(frozen=True)
class Reach:
    """What search needs of the rest of the server: the view of a type, and the checks of levels 3 and 5."""

    view: Callable[[Caller, str, str], list[Json]]
    sees: Callable[[Caller, Json, str], bool]
    allowed: Callable[[Caller, str, str, str], None]
    unmasked: Callable[[Caller, str, Parameter, str, str], None]
    held: Callable[[str, str], Json | None]


class Includes:
    """Follows references from and to what was found."""

    reach: Reach

    def included(self, caller: Caller, query: list[tuple[str, str]], matched: list[Json]) -> list[Json]:
        """Return what the includes of a search bring, each once."""
        known = {(body["resourceType"], body["id"]): body for body in matched}
        fresh, brought = matched, []
        for turn in range(4):
            step: dict[tuple[str, str], Json] = {}
            for name, value in query:
                if name.startswith("_include") and (turn == 0 or name.endswith(":iterate")):
                    step |= self.forward(caller, value, fresh)
                elif name.startswith("_revinclude") and (turn == 0 or name.endswith(":iterate")):
                    step |= self.backward(caller, value, fresh)
            fresh = [body for key, body in step.items() if key not in known]
            known |= step
            brought += fresh
            if not fresh:
                break
        return brought

    def check_link(self, value: str) -> None:
        """Refuse an include by what is no reference parameter."""
        source, _, rest = value.partition(":")
        name = rest.partition(":")[0]
        table = PARAMETERS.get(source, {})
        if value != "*" and name not in {"*", *(n for n, p in table.items() if p.kind == "reference")}:
            raise Refused(400, "invalid", "A parameter of this request is not known.")

    def forward(self, caller: Caller, value: str, bodies: list[Json]) -> dict[tuple[str, str], Json]:
        """Return what resources refer to by a parameter."""
        source, _, name = value.partition(":")
        name = name.partition(":")[0]
        found = {}
        for body in bodies:
            if source not in {"*", body["resourceType"]}:
                continue
            table = PARAMETERS[body["resourceType"]]
            links = (
                [p for p in table.values() if p.kind == "reference"]
                if name in {"", "*"}
                else [table.get(name)]
            )
            pairs = {pair for link in links if link for pair in references(body, link)}
            for pair in sorted(pairs):
                target = self.reach.held(*pair)
                if target and self.may_include(caller, target, "include"):
                    found[pair] = target
        return found

    def backward(self, caller: Caller, value: str, bodies: list[Json]) -> dict[tuple[str, str], Json]:
        """Return what refers to resources by a parameter."""
        source, _, name = value.partition(":")
        name = name.partition(":")[0]
        if source not in PARAMETERS or (name != "*" and name not in PARAMETERS[source]):
            raise Refused(400, "invalid", "A parameter of this request is not known.")
        table = PARAMETERS[source]
        links = [p for p in table.values() if p.kind == "reference"] if name == "*" else [table[name]]
        wanted = {(body["resourceType"], body["id"]) for body in bodies}
        found = {}
        for body in self.reach.view(caller, source, "revinclude"):
            pairs = {pair for link in links for pair in references(body, link)}
            if pairs & wanted and self.may_include(caller, body, "revinclude"):
                found[source, body["id"]] = body
        return found

    def may_include(self, caller: Caller, body: Json, way: str) -> bool:
        """Tell whether a resource may come with others."""
        try:
            self.reach.allowed(caller, body["resourceType"], "r", way)
        except Refused:
            return False
        return self.reach.sees(caller, body, way)


def references(body: Json, known: Parameter) -> list[tuple[str, str]]:
    """Return type and id of what a resource refers to by a parameter."""
    held = [v for path in known.paths for v in values(body, path)]
    named = [str(v.get("reference", "")) for v in held if isinstance(v, dict)]
    return [(n.split("/")[0], n.split("/")[1]) for n in named if n.count("/") == 1]
