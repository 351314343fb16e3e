"""From lines of NDJSON to rows for the store, in a process of its own: half of the work of a bulk load.

Most members of most resources have been seen before, or are seen again in the next resource: what a member
contributes to the index is computed once for each different value. References and sets of tokens are places
in the lists of the chunk, which the writer numbers once for all its resources.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple

import msgspec
import orjson

from lab.fhirserver.storage.bodies import packer
from lab.fhirserver.storage.choices import is_choice
from lab.fhirserver.storage.fitting import Name, Tokens
from lab.fhirserver.storage.index_rows import Context
from lab.fhirserver.storage.indexing import Indexed, IndexRow, concerned, entries
from lab.fhirserver.storage.membership import DEFINING, memberships
from lab.fhirserver.storage.schema import SLOTS
from lab.fhirserver.storage.times import instant

_MOST_SEEN = 20_000

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Setting(NamedTuple):
    """What the preparation depends on, sent once to each process."""

    parameters: Mapping[tuple[str, str], int]
    context: Context
    dictionaries: Mapping[str, bytes]
    updated: int


@dataclass(slots=True)
class Chunk:
    """Resources column by column; ``slots`` has a list for each of ``SLOTS``.

    In ``abouts`` and ``members``, in reference and token slots and in the code of ``values``, places in
    ``names`` or ``tokens`` stand for what the writer has to number. ``values`` starts with the place of the
    resource.
    """

    type: str
    ids: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    abouts: list[tuple[int, ...]] = field(default_factory=list)
    slots: list[list[Any]] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[str, int, int, int]] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    tokens: list[Tokens] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What some members of a resource contribute; ``slots`` pairs the place of a slot with its value."""

    slots: tuple[tuple[int, Any], ...]
    rows: tuple[IndexRow, ...]
    patients: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Group:
    """Parameters that read the same members, with what these contributed each time they were different."""

    members: tuple[str, ...]
    wanted: tuple[Indexed, ...]
    seen: dict[Any, _Known] = field(default_factory=dict)


class Preparer:
    """Prepares chunk after chunk, remembering what it has seen."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._packers = {type_: packer(content) for type_, content in setting.dictionaries.items()}
        self._meta = b'"versionId":"1","lastUpdated":"%s"' % instant(setting.updated).encode()
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._plans: dict[tuple[str, ...], list[_Group]] = {}

    def prepare(self, type_: str, lines: Iterable[bytes]) -> Chunk:
        """Return the rows of lines that hold resources of one type.

        Raises:
            ValueError: a line is not such a resource.
        """
        chunk, context = Chunk(type_), self._setting.context
        pack = (self._packers.get(type_) or packer(None)).compress
        names: dict[Name, int] = {}
        tokens: dict[Tokens, int] = {}
        held: list[list[Any]] = []
        row: list[Any] = [None] * len(SLOTS)
        about: tuple[int, ...] = ()
        before: list[_Known] = []
        for place, line in enumerate(lines):
            found = self._members(type_, line)
            id_ = orjson.loads(bytes(found["id"]))
            chunk.ids.append(id_)
            chunk.bodies.append(pack(self._body(type_, line, found)))
            contributed = self._contributions(type_, found)
            changes = [pair for pair in zip_longest(before, contributed) if pair[0] is not pair[1]]
            row = self._row(row, changes, names, tokens)
            for known in contributed:
                for param, n, extreme, code, *rest in known.rows:
                    leads = isinstance(code, Name)
                    chunk.values.append(
                        (place, param, n, extreme, leads, _placed(code, names, tokens), *rest)
                    )
            if changes or type_ == "Patient" or not held:
                patients = {id_} if type_ == "Patient" else set().union(*(k.patients for k in contributed))
                about = tuple([names.setdefault(Name("Patient", i), len(names)) for i in sorted(patients)])
            before = contributed
            held.append(row)
            chunk.abouts.append(about)
            if type_ in DEFINING or b'"security"' in bytes(found.get("meta", b"")):
                chunk.members += (
                    (pool, names.setdefault(name, len(names)), low, high)
                    for pool, name, low, high in memberships(orjson.loads(line), context.bases, context.zone)
                )
        chunk.slots = [list(column) for column in zip(*held, strict=True)]
        chunk.names, chunk.tokens = list(names), list(tokens)
        return chunk

    @staticmethod
    def _row(
        before: list[Any],
        changes: list[tuple[_Known | None, _Known | None]],
        names: dict[Name, int],
        tokens: dict[Tokens, int],
    ) -> list[Any]:
        """Return the slots of a resource from those of the one before and what is different.

        Results of one specimen follow one another: most of a row is that of the row before.
        """
        row = before.copy()
        for last, _ in changes:
            for slot, _ in last.slots if last else ():
                row[slot] = None
        for _, known in changes:
            for slot, value in known.slots if known else ():
                row[slot] = _placed(value, names, tokens)
        return row

    def bodies(self, type_: str, lines: Iterable[bytes]) -> list[bytes]:
        """Return the bytes of resources, not packed."""
        return [self._body(type_, line, self._members(type_, line)) for line in lines]

    def _body(self, type_: str, line: bytes, found: Mapping[str, msgspec.Raw]) -> bytes:
        """Return the bytes of a resource under the identity and the meta of its first version."""
        given = bytes(found["meta"]) if "meta" in found else b"{}"
        if b'"versionId"' in given or b'"lastUpdated"' in given:
            others = {k: v for k, v in orjson.loads(given).items() if k not in {"versionId", "lastUpdated"}}
            given, line = orjson.dumps(others), b""
        own = self._meta if given == b"{}" else self._meta + b"," + given[1:-1]
        head = b'{"resourceType":"%s","id":%b' % (type_.encode(), found["id"])
        written = head + (b',"meta":%b' % given if "meta" in found else b"") + b","
        if line.startswith(written):  # as the generator writes: the rest is there already
            return b'%b,"meta":{%b},%b' % (head, own, line[len(written) :])
        rest = [
            b'"%b":%b' % (name.encode(), value)
            for name, value in found.items()
            if name not in {"resourceType", "id", "meta"}
        ]
        return b",".join((b'%b,"meta":{%b}' % (head, own), *rest)) + b"}"

    @staticmethod
    def _members(type_: str, line: bytes) -> dict[str, msgspec.Raw]:
        try:
            found = _members(line)
        except msgspec.MsgspecError:
            found = {}
        if bytes(found.get("resourceType", b"")) != b'"%s"' % type_.encode() or "id" not in found:
            message = f"Expected one {type_} with an id on each line, got something else."
            raise ValueError(message)
        return found

    def _contributions(self, type_: str, found: dict[str, msgspec.Raw]) -> list[_Known]:
        """Return what the members of a resource contribute."""
        shape = (type_, *found)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans[shape] = self._plan(type_, shape[1:])
        contributed = []
        for group in plan:
            members_ = group.members
            if len(members_) == 1:
                key: Any = bytes(found[members_[0]])
            else:
                key = tuple([bytes(found[name]) for name in members_])
            known = group.seen.get(key)
            if known is None:
                if len(group.seen) > _MOST_SEEN:
                    group.seen.clear()
                known = group.seen[key] = self._computed(type_, group, found)
            contributed.append(known)
        return contributed

    def _plan(self, type_: str, found: tuple[str, ...]) -> list[_Group]:
        """Group the parameters of a type by the members that they read."""
        wanted: dict[tuple[str, ...], list[Indexed]] = {}
        for each in concerned(type_, frozenset(found), self._setting.context.release):
            elements = each.parameter.path.elements
            read = tuple(name for name in found if any(name == e or is_choice(name, e) for e in elements))
            wanted.setdefault(read, []).append(each)
        return [
            self._groups.setdefault((type_, *read, *(e.code for e in each)), _Group(read, tuple(each)))
            for read, each in wanted.items()
        ]

    def _computed(self, type_: str, group: _Group, found: dict[str, msgspec.Raw]) -> _Known:
        resource = {name: orjson.loads(bytes(found[name])) for name in group.members}
        resource["resourceType"] = type_
        context = self._setting.context
        made = entries(type_, group.wanted, resource, self._setting.parameters, context)
        slots = tuple((_PLACE[slot], value) for slot, value in made.slots.items())
        return _Known(slots, tuple(made.rows), frozenset(made.patients))


def _placed(value: Any, names: dict[Name, int], tokens: dict[Tokens, int]) -> Any:
    """Return the place of a name or of a set of tokens in the lists of a chunk; any other value as it is."""
    if isinstance(value, Name):
        return names.setdefault(value, len(names))
    if isinstance(value, tuple):
        return tokens.setdefault(value, len(tokens))
    return value


_PLACE = {slot: n for n, slot in enumerate(SLOTS)}
