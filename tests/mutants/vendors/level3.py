"""Variants of level 3: a right, a scope or a part of a type is taken for more than it is."""

from tests.mutants.vendors.sound.message import Refused
from tests.mutants.vendors.sound.scopes import Scope, parse
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant


def _way_in(app: Vendor, when) -> None:
    """Let pass what ``when`` (caller, type, right, way) says, whatever the scopes are."""
    sound = app.allowed

    def allowed(caller, type_, right, way):
        if not when(caller, type_, right, way):
            sound(caller, type_, right, way)

    app.allowed = allowed


def _instead(app: Vendor, way: str, right: str, other: str) -> None:
    """Take one right for another, when asked in one way."""
    sound = app.scopes.allows

    def allows(scopes, type_, wanted, how):
        held = sound(scopes, type_, wanted, how)
        return held or ((how, wanted) == (way, right) and sound(scopes, type_, other, how))

    app.scopes.allows = allows


def _unqueried(app: Vendor, way: str) -> None:
    """Forget the queries of granular scopes in one way."""
    sound = app.scopes.queries
    app.scopes.queries = lambda scopes, type_, right, how: (
        [] if how == way else sound(scopes, type_, right, how)
    )


@variant("L3-01", "a type that no scope names is searched by POST")
def closed_type_is_searched_by_post(app: Vendor) -> None:
    def unnamed(caller, type_, _, way):
        return way == "post-search" and not any(scope.type == type_ for scope in caller.scopes)

    _way_in(app, unnamed)


@variant("L3-02", "the right to read is enough to search")
def reading_is_searching(app: Vendor) -> None:
    _instead(app, "search", "s", "r")


@variant("L3-02", "the right to search is enough to read")
def searching_is_reading(app: Vendor) -> None:
    _instead(app, "read", "r", "s")


@variant("L3-03", "who may read a type may create in it")
def reader_creates(app: Vendor) -> None:
    _instead(app, "create", "c", "r")


@variant("L3-03", "who may read a type may delete in it")
def reader_deletes(app: Vendor) -> None:
    _instead(app, "delete", "d", "r")


@variant("L3-04", "a scope on all types is granted as it is asked for")
def star_is_granted(app: Vendor) -> None:
    sound = app.scopes.within
    app.scopes.within = lambda asked, own: [asked] if asked.type == "*" else sound(asked, own)


@variant("L3-05", "scopes are split at Unicode spaces after they were compared with those registered")
def unicode_space_splits_scopes(app: Vendor) -> None:
    sound = app.scopes.granted

    def granted(asked, registered):
        first, *rest = asked.replace("\u00a0", "\n").split("\n")
        return [*sound(first, registered), *(one for words in rest for one in parse(words))]

    app.scopes.granted = granted


@variant("L3-05", "the version 1 scope .read brings the right to write")
def old_read_brings_writing(app: Vendor) -> None:
    sound = app.scopes.granted

    def granted(asked, registered):
        return [
            Scope(one.type, "cruds", one.query) if asked == f"system/{one.type}.read" else one
            for one in sound(asked, registered)
        ]

    app.scopes.granted = granted


@variant("L3-06", "the query of a granular scope is forgotten by reads")
def granular_scope_reads_all(app: Vendor) -> None:
    _unqueried(app, "read")


@variant("L3-06", "a read outside the query of a granular scope is forbidden, not missing")
def granular_scope_tells_what_exists(app: Vendor) -> None:
    sound = app.resources.read

    def read(caller, request, type_, id_):
        queries = app.scopes.queries(caller.scopes, type_, "r", "read")
        body = app.store.current(type_, id_)
        if body and queries and not any(app.meets(body, query) for query in queries):
            raise Refused(403, "forbidden", "The scopes do not allow this.")
        return sound(caller, request, type_, id_)

    app.resources.read = read


@variant("L3-07", "the query of a granular scope is forgotten by searches")
def granular_scope_searches_all(app: Vendor) -> None:
    _unqueried(app, "search")


@variant("L3-07", "the total of a search counts what the query of a granular scope leaves out")
def granular_scope_counts_all(app: Vendor) -> None:
    sound = app.searches.total

    def total(caller, type_, found):
        if app.scopes.queries(caller.scopes, type_, "s", "search"):
            return sum(app.cohort.sees(caller.client, body, "search") for body in app.store.all(type_))
        return sound(caller, type_, found)

    app.searches.total = total


@variant("L3-08", "the query of a granular scope is forgotten by _revinclude")
def granular_scope_includes_all(app: Vendor) -> None:
    _unqueried(app, "revinclude")


@variant("L3-08", "the query of a granular scope is forgotten by _has")
def granular_scope_is_asked_by_has(app: Vendor) -> None:
    _unqueried(app, "has")


@variant("L3-17", "the right to search is enough for the history of a resource")
def searching_is_history(app: Vendor) -> None:
    _instead(app, "history", "r", "s")


@variant("L3-17", "the right to read is enough for the history of a type")
def reading_is_history_of_the_type(app: Vendor) -> None:
    _instead(app, "history-type", "s", "r")


# Only for the client whose identifiers are masked: others have probes of their own (S-04) for what they ask.
@variant("L3-23", "a reverse chain asks a type that the scopes close")
def has_asks_a_closed_type(app: Vendor) -> None:
    _way_in(app, lambda caller, _, __, way: way == "has" and bool(caller.client.systems))


@variant("L3-23", "a chain asks a type that the scopes close")
def chain_asks_a_closed_type(app: Vendor) -> None:
    _way_in(app, lambda _, __, ___, way: way == "chain")
