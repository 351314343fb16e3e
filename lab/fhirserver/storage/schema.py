"""The tables of the store, and the version of their layout.

``k`` numbers a resource for its whole life, through updates, deletion and return, and never leaves the
server. A past version lives in ``history``; a deleted resource keeps its row (without body) and whom it is
about, so that 410 can be told from 404 only by those who could see it. ``absent`` numbers what is referred to
and not there, or not here; its numbers never mix with those of resources.

What a search parameter finds in a resource stands in one of two places. The *slots* of the resource row
(``token1``… to ``unit``) hold the parameters that ``hot.py`` gives them: a token as the number of its set of
codings, a reference as the ``k`` of its target, a date or a quantity as it is. All else has a row of
``value`` for each value: ``code`` and ``system`` of a token, ``k`` of the ``target`` of a reference,
folded and exact text of a string, unit of a quantity; ``low`` and ``high`` bound a date (milliseconds, UTC)
or a number. ``extreme`` marks the first (1) and the last (2) value of a parameter of one resource, on which
sorting is based.

``about`` says whom a resource is about: the ``k`` of its patient; a negative number, of ``patient_set``, when
there are several; null when there is none. ``pool_member`` says what is in which pool of
``lab.fhir.cohort``, from ``low`` until ``high``. ``changed`` says, of a resource with several versions, when
each path of ``lab.fhir.changed_paths`` last changed; the empty one is the resource itself, made or deleted.
"""

VERSION = "4"

_TYPES = {
    **{f"token{n}": "integer" for n in range(1, 8)},
    **{f"reference{n}": "integer" for n in range(1, 6)},
    "low": "integer",
    "high": "integer",
    "number": "real",
    "unit": "integer",
}

VALUE = ("k", "param", "n", "extreme", "code", "system", "low", "high", "target")
"""The columns of the generic index."""

SLOTS = tuple(_TYPES)
"""The columns of a resource row that hold values of search parameters."""

FIRST_ABSENT = 1 << 30
"""Below are the numbers of resources, from here on those of absent ones."""

TABLES = f"""
create table meta(name text primary key, value text not null) without rowid;
create table parameter(
    id integer primary key, type text not null, code text not null, kind text not null, unique(type, code));
create table dictionary(n integer primary key, type integer not null, content blob not null);
create table resource(
    k integer primary key, type integer not null, id text not null, version integer not null,
    updated integer not null, method text not null, deleted integer not null, body blob, about integer,
    {", ".join(f"{slot} {type_}" for slot, type_ in _TYPES.items())});
create unique index resource_identity on resource(type, id);
create table absent(
    type text not null, id text not null, k integer not null, primary key(type, id)) without rowid;
create table history(
    k integer not null, version integer not null, updated integer not null, method text not null, body blob,
    unique(k, version));
create table value(
    k integer not null, param integer not null, n integer not null, extreme integer not null,
    code text, system text, low real, high real, target integer, primary key(k, param, n)) without rowid;
create table changed(
    k integer not null, path text not null, updated integer not null, primary key(k, path)) without rowid;
create table token_set(n integer primary key, content text not null unique);
create table token(
    n integer not null, i integer not null, code text, system text, primary key(n, i)) without rowid;
create table patient_set(
    n integer not null, patient integer not null, primary key(n, patient)) without rowid;
create table pool_member(
    pool text not null, member integer not null, low integer not null, high integer not null,
    primary key(pool, member, low)) without rowid;
"""

LATER_TABLES = """
create table if not exists subscriber(
    id text primary key, status text not null, plan text not null, heartbeat integer not null,
    ends integer not null, quiet integer not null, events integer not null default 0,
    sent integer not null default 0, tries integer not null default 0, due integer not null default 0,
    claim text not null default '', lease integer not null default 0, error text not null default ''
) without rowid;
create table if not exists outbox(
    subscriber text not null, n integer not null, k integer not null, type text not null, id text not null,
    version integer not null, method text not null, at integer not null, primary key(subscriber, n)
) without rowid;
"""
"""Made in the stores of before too, which lack nothing else: what is to be sent to subscribers.

A *subscriber* has ``events`` numbered events, of which ``sent`` are; its next try is not before ``due``, and
a sender has claimed it until ``lease``. Times are milliseconds UTC, ``quiet`` that of the last notification.
"""

INDEXES = {
    "resource_walk": "resource(type, deleted, k)",
    "resource_updated": "resource(type, updated, k)",
    "resource_about": "resource(about, type, k) where about is not null",
    "value_code": "value(param, code, k, extreme) where code is not null",
    "value_target": "value(param, target, k) where target is not null",
    "value_low": "value(param, low, k, high, extreme) where low is not null",
    "value_high": "value(param, high, k, low) where high is not null",
    "history_updated": "history(updated, k)",
    "token_code": "token(code, system, n)",
    "patient_set_patient": "patient_set(patient, n)",
    "pool_member_member": "pool_member(member)",
}
"""What makes searches fast; built after a bulk load, not during it. Those of the slots are in ``hot.py``."""

ALWAYS = frozenset({"patient_set_patient"})
"""Those that the bulk load itself reads."""
