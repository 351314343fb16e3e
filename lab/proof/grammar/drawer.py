"""What every scene draws from: chance, the words of both worlds, the types that are open.

Spec: https://hl7.org/fhir/R4/http.html
"""

from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

import orjson

from lab.proof.contents import IDS, resource
from lab.proof.grammar.searches import encoded, search
from lab.proof.grammar.step import Step
from lab.proof.grammar.vocabulary import Vocabulary

JSON = ("content-type", "application/fhir+json")
_SEEN, _AIMED, _ALIKE = 0.7, 0.6, 0.5


class Drawer:
    """``opened`` are the types open to each action; ``own`` those of the scene that is drawn."""

    def __init__(self, chance: Random, words: Vocabulary, opened: Mapping[str, Sequence[str]]) -> None:
        self.chance, self.words, self.opened = chance, words, opened
        every = sorted({type_ for types in opened.values() for type_ in types}) or sorted(IDS)
        self.types: Sequence[str] = opened.get("search-type") or every
        self._every: Sequence[str] = every
        self.own: Sequence[str] = every
        self._numbers = count()

    def turn_to(self, action: str) -> None:
        """Draw types of those that are open to an action from now on."""
        self.own = self.opened.get(action) or self._every

    def step(self, method: str, path: str, query: str = "", **more: Any) -> Step:
        """Return the next step."""
        return Step(next(self._numbers), method, path, query, **more)

    def type(self) -> str:
        """Return a type, mostly an open one."""
        if self.chance.random() < 0.07:
            return self.chance.choice(sorted(IDS))
        filled = [type_ for type_ in self.own if self.words.shows(type_)]
        return self.chance.choice(filled if filled and self.chance.random() < 0.75 else self.own)

    def id(self, type_: str) -> str:
        """Return an id that there may be, in or out of the view, or that never was."""
        drawn = self.chance.random()
        for share, ids in ((0.35, self.words.visible_ids(type_)), (0.65, self.words.telling_ids(type_))):
            if ids and drawn < share:
                return self.chance.choice(ids)
        return self.chance.choice((*IDS[type_], *IDS[type_], "nobody"))

    def search(self, type_: str) -> str:
        """Return the query string of a search."""
        return search(self.chance, self.words, type_, list(self.types))

    def seen_id(self, type_: str) -> str:
        """Return an id that is mostly of something visible."""
        visible = self.words.visible_ids(type_)
        return self.chance.choice(visible) if visible and self.chance.random() < _SEEN else self.id(type_)

    def criterion(self, type_: str) -> str:
        """Return the criteria of a write: mostly such that something hidden meets."""
        aimed = self.chance.random() < _AIMED
        find = self.words.hidden if aimed else self.words.parameter
        return encoded([find(self.chance, type_)])

    def body(self, type_: str, id_: str | None) -> str:
        """Return a random resource: about anybody, there or not, or much like one that is visible."""
        made = resource(self.chance, type_, id_ or "x")
        known = self.words.shown_of(type_)
        if known and self.chance.random() < _ALIKE:
            names = sorted(made.keys() - {"resourceType", "id", "subject", "performer", "focus", "encounter"})
            changed = self.chance.sample(names, min(len(names), self.chance.randint(1, 3)))
            made = {**self.chance.choice(known), **{n: made[n] for n in changed}, "id": id_ or "x"}
        if id_ is None:
            del made["id"]
        if self.chance.random() < 0.05:
            made = {**made, "status": "no-such-status"}
        return orjson.dumps(made).decode()

    def edits(self, type_: str) -> tuple[tuple[str, Any], ...]:
        """Return changes of single elements: to another value, or away."""
        chance = self.chance
        other = resource(chance, type_, "x")
        names = sorted(other.keys() - {"resourceType", "id", "meta"})
        extra = ("address", "telecom", "identifier", "text", "subject", *("meta",) * 3, *("category",) * 3)
        chosen = chance.choice([*names, *names, *extra])
        return ((chosen, other.get(chosen)),)
