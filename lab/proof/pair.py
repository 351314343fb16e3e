"""Two worlds that one client cannot tell apart, the client, and another one beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from lab.fhir.permission import compile_permission
from lab.fhir.policy import Policy, PolicyError
from lab.fhir.scopes import ScopeError, parse_scopes
from lab.proof.contents import IDS
from lab.proof.grammar.drawer import Drawer
from lab.proof.grammar.scenes import conversation
from lab.proof.grammar.step import Step
from lab.proof.grammar.vocabulary import Edges, Vocabulary
from lab.proof.grants import Grant, grant
from lab.proof.hospital import hospital
from lab.proof.reference.client import RIGHT, Client
from lab.proof.reference.cohort import Hospital
from lab.proof.reference.searching import sensitive
from lab.proof.slants import Granting, slant_of
from lab.proof.twin import twin
from lab.proof.world import OPENING, Json, World, moment

_TRIES = 40


@dataclass(frozen=True)
class Pair:
    """``grants`` are that of the client whose view the worlds share, and of another client.

    ``skipped`` are the reasons for which drawn Permissions were not compiled.
    """

    seed: str
    worlds: tuple[World, World]
    grants: tuple[tuple[Grant, Policy], tuple[Grant, Policy]]
    skipped: tuple[str, ...]

    @property
    def client(self) -> Client:
        """Return the client as the reference sees it."""
        known = self.grants[0][0]
        return Client(known.permission, known.scopes)

    def steps(self) -> Iterator[Step]:
        """Yield the conversation that the seed gives, of what either world holds."""
        client = self.client
        opened = {
            action: [type_ for type_ in IDS if client.may(action, type_)] for action in (*RIGHT, "operation")
        }
        hidden = {type_: sensitive(client.masks, type_) for type_ in IDS}
        now = int(moment(OPENING).timestamp() * 1000)
        known = [Hospital(world.current(), now, world.ended()) for world in self.worlds]
        every = [resource for hospital in known for resource in hospital.resources]
        seen = [r for hospital in known for r in hospital.resources if client.ever_sees(hospital, r)]
        edges = self._edges(known, {_name(resource) for resource in seen})
        slant = slant_of(self.seed)
        words = Vocabulary(every, seen, hidden, edges, slant.curious)
        return conversation(Drawer(_chance(self.seed, "scenes"), words, opened), slant.moods, slant.also)

    def _edges(self, known: Sequence[Hospital], seen: set[str]) -> Edges:
        client = self.client
        shown = {_name(r) for h in known for r in h.resources if client.sees_on_the_way(h, r)}
        past = [
            (f"{t.type}/{t.id}", number)
            for world, hospital in zip(self.worlds, known, strict=True)
            for t in world.timelines
            if f"{t.type}/{t.id}" in seen
            for number, version in enumerate(t.versions, 1)
            if version.at < OPENING and version.body and not client.ever_sees(hospital, version.body)
        ]
        return Edges(shown, [name for name in _telling(known) if name not in seen], past)


def pair(seed: str) -> Pair:
    """Draw a pair from its seed, which may name a slant: ``dates/7-1``."""
    skipped: list[str] = []
    known = _compiled(_chance(seed, "grant"), "probe", slant_of(seed).grant, skipped)
    other = _compiled(_chance(seed, "other"), "other", grant, skipped)
    base = hospital(_chance(seed, "world"))
    client = Client(known[0].permission, known[0].scopes)
    one, two = (twin(_chance(seed, side), base, client) for side in ("one", "two"))
    return Pair(seed, (one, two), (known, other), tuple(skipped))


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _telling(known: Sequence[Hospital]) -> list[str]:
    """Return the ``Type/id`` of what is there, or deleted, in some hospitals only; deleted ones thrice."""
    there = [hospital.by_name.keys() for hospital in known]
    gone = [{_name(resource) for resource in hospital.ended} for hospital in known]
    return sorted([*(there[0] ^ there[1]), *(2 * [*(gone[0] ^ gone[1])])])


def _compiled(chance: Random, client_id: str, draw: Granting, skipped: list[str]) -> tuple[Grant, Policy]:
    """Draw grants until the gateway takes one; the reasons of those that it does not are kept."""
    for n in range(_TRIES):
        drawn = draw(chance, client_id, simple=n >= _TRIES // 2)
        try:
            parse_scopes(drawn.scopes)
            return drawn, compile_permission(drawn.permission, client_id)
        except (PolicyError, ScopeError) as error:
            skipped.append(f"{drawn.form}: {error}")
    message = f"None of {_TRIES} Permissions could be compiled; the last: {skipped[-1]}"
    raise PolicyError(message)


def _chance(seed: str, part: str) -> Random:
    return Random(f"{seed}/{part}")  # noqa: S311 - a proof, not a secret
