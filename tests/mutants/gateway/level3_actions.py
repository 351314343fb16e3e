"""Level 3, holes in which interaction or operation a request is, and in what it reads on its way."""

from dataclasses import replace

import pytest

from lab.fhir.interaction import Interaction
from lab.gateway import bundle, level3_resource_type, operations, serving
from lab.gateway.decision import Decision
from lab.gateway.operations import OPENINGS, Opening

_ALLOWED = Decision(3, allow=True, rule="a hole", reason="never looked at")


def vread_as_public(patch: pytest.MonkeyPatch) -> None:
    """A past version is let through without a right."""
    _through(patch, Interaction.VREAD)


def history_as_public(patch: pytest.MonkeyPatch) -> None:
    """The history of a resource is let through without a right."""
    _through(patch, Interaction.HISTORY_INSTANCE)


def history_type_as_public(patch: pytest.MonkeyPatch) -> None:
    """The history of a type is let through without a right (LinuxForHealth #2300)."""
    _through(patch, Interaction.HISTORY_TYPE)


def history_as_read(patch: pytest.MonkeyPatch) -> None:
    """GET _history is taken for a read (Fyrstain)."""
    _as(patch, Interaction.HISTORY_INSTANCE, Interaction.READ)


def history_type_as_search(patch: pytest.MonkeyPatch) -> None:
    """The history of a type is taken for a search."""
    _as(patch, Interaction.HISTORY_TYPE, Interaction.SEARCH_TYPE)


def vread_as_read(patch: pytest.MonkeyPatch) -> None:
    """The rule that opens reads opens past versions."""
    _as(patch, Interaction.VREAD, Interaction.READ)


def search_as_read(patch: pytest.MonkeyPatch) -> None:
    """Who may read one by one may search."""
    _as(patch, Interaction.SEARCH_TYPE, Interaction.READ)


def read_as_search(patch: pytest.MonkeyPatch) -> None:
    """Who may search may read by id."""
    _as(patch, Interaction.READ, Interaction.SEARCH_TYPE)


def create_as_update(patch: pytest.MonkeyPatch) -> None:
    """Who may update may create."""
    _as(patch, Interaction.CREATE, Interaction.UPDATE)


def patch_as_update(patch: pytest.MonkeyPatch) -> None:
    """The rule that opens updates opens patches."""
    _as(patch, Interaction.PATCH, Interaction.UPDATE)


def delete_as_update(patch: pytest.MonkeyPatch) -> None:
    """Who may update may delete."""
    _as(patch, Interaction.DELETE, Interaction.UPDATE)


def conditional_writes_opened(patch: pytest.MonkeyPatch) -> None:
    """A write by criteria is decided as one by id."""
    patch.setattr(level3_resource_type, "WRITES", frozenset())


def search_of_the_server(patch: pytest.MonkeyPatch) -> None:
    """A search of the whole server is let through."""
    _through(patch, Interaction.SEARCH_SYSTEM)


def history_of_the_server(patch: pytest.MonkeyPatch) -> None:
    """The history of the whole server is let through (LinuxForHealth #2300)."""
    _through(patch, Interaction.HISTORY_SYSTEM)


def unknown_operations_opened(patch: pytest.MonkeyPatch) -> None:
    """An operation that the table does not know is let through (Fyrstain: GET is a read)."""
    sound = level3_resource_type.opening
    patch.setattr(level3_resource_type, "opening", lambda request: sound(request) or Opening(None))


def everything_of_any_type(patch: pytest.MonkeyPatch) -> None:
    """$everything is let through on every type."""
    patch.setitem(OPENINGS, ("$everything", "instance"), Opening(None))


def operations_as_reads(patch: pytest.MonkeyPatch) -> None:
    """An operation needs no action of its own: who may read and search may take everything away."""
    sound = operations.Interaction
    patch.setattr(operations, "Interaction", _Named(sound, OPERATION=sound.READ))


def operations_need_no_search(patch: pytest.MonkeyPatch) -> None:
    """An operation gives the types that may be read one by one."""
    patch.setattr(operations, "GIVES", (Interaction.READ,))


def operations_need_no_read(patch: pytest.MonkeyPatch) -> None:
    """An operation gives the types that may be searched."""
    patch.setattr(operations, "GIVES", (Interaction.SEARCH_TYPE,))


def chosen_types_unchecked(patch: pytest.MonkeyPatch) -> None:
    """The types that _type names are not held against what is open."""
    patch.setattr(level3_resource_type, "chosen", lambda _: frozenset())


def validation_opens_reading(patch: pytest.MonkeyPatch) -> None:
    """The validation of a stored resource needs no right to read it."""
    patch.setitem(OPENINGS, ("$validate", "instance"), Opening(None, gives=False))


def validation_needs_reading(patch: pytest.MonkeyPatch) -> None:
    """The validation of what is sent needs the right to read: who only writes is refused."""
    patch.setitem(OPENINGS, ("$validate", "type"), Opening(None))


def batch_undecided(patch: pytest.MonkeyPatch) -> None:
    """A batch is decided as a whole, its entries are not (HAPI #8243)."""
    inside = []
    entry, decide = serving.Service._entry, level3_resource_type.decide

    async def marked(self, request):
        inside.append(True)
        try:
            return await entry(self, request)
        finally:
            inside.pop()

    patch.setattr(serving.Service, "_entry", marked)
    patch.setattr(level3_resource_type, "decide", lambda *of: _ALLOWED if inside else decide(*of))


def transaction_undecided(patch: pytest.MonkeyPatch) -> None:
    """The entries of a transaction are not decided."""
    patch.setattr(bundle, "entries", lambda _: ())


def first_entry_decides(patch: pytest.MonkeyPatch) -> None:
    """Of a transaction the first entry is decided."""
    sound = bundle.entries
    patch.setattr(bundle, "entries", lambda request: sound(request)[:1])


def condition_of_create_undecided(patch: pytest.MonkeyPatch) -> None:
    """The search that If-None-Exist makes is not decided (HAPI #5712)."""
    sound = bundle.on_the_way
    patch.setattr(bundle, "on_the_way", lambda r: () if r.interaction is Interaction.CREATE else sound(r))


def read_of_patch_undecided(patch: pytest.MonkeyPatch) -> None:
    """The read that a patch makes is not decided: it tests what may not be read."""
    sound = bundle.on_the_way
    patch.setattr(bundle, "on_the_way", lambda r: () if r.interaction is Interaction.PATCH else sound(r))


def filter_of_export_undecided(patch: pytest.MonkeyPatch) -> None:
    """The searches of _typeFilter are not decided."""
    sound = bundle.on_the_way
    patch.setattr(bundle, "on_the_way", lambda r: () if r.operation == "$export" else sound(r))


def conditional_references_undecided(patch: pytest.MonkeyPatch) -> None:
    """The searches for references of a transaction are not decided."""
    patch.setattr(bundle, "conditional_references", lambda _: ())


def head_undecided(patch: pytest.MonkeyPatch) -> None:
    """HEAD is not among the methods that are decided."""
    sound = level3_resource_type.decide
    patch.setattr(
        level3_resource_type, "decide", lambda r, *rest: _ALLOWED if r.method == "HEAD" else sound(r, *rest)
    )


def posted_search_as_create(patch: pytest.MonkeyPatch) -> None:
    """A search that is sent by POST is decided as a create."""
    sound = level3_resource_type.decide

    def decide(request, *rest):
        posted = request.method == "POST" and request.interaction is Interaction.SEARCH_TYPE
        return sound(replace(request, interaction=Interaction.CREATE) if posted else request, *rest)

    patch.setattr(level3_resource_type, "decide", decide)


class _Named:
    """An enumeration some of whose names stand for others."""

    def __init__(self, of, **others) -> None:
        self._of, self._others = of, others

    def __getattr__(self, name):
        return self._others.get(name) or getattr(self._of, name)


def _through(patch, interaction) -> None:
    sound = level3_resource_type.decide
    patch.setattr(
        level3_resource_type,
        "decide",
        lambda request, *rest: _ALLOWED if request.interaction is interaction else sound(request, *rest),
    )


def _as(patch, interaction, other) -> None:
    """Let one interaction through where another one is open."""
    sound = level3_resource_type.decide

    def decide(request, *rest):
        found = sound(request, *rest)
        if found.allow or request.interaction is not interaction:
            return found
        return sound(replace(request, interaction=other, id=request.id or "x"), *rest)

    patch.setattr(level3_resource_type, "decide", decide)
