"""The tables of the store, and the version of their layout.

``k`` numbers a resource for its whole life, through updates, deletion and return, and never leaves the
server. A past version lives in ``history``; a deleted resource keeps its row (without body) and its
compartment, so that 410 can be told from 404 only by those who could see it.

``value`` holds one row for each value of each search parameter: ``code`` and ``system`` of a token, id and
type of a reference, folded and exact text of a string, unit of a quantity; ``low`` and ``high`` bound a
date (milliseconds, UTC) or a number. ``extreme`` marks the first (1) and the last (2) value of a parameter
of one resource, on which sorting is based.
"""

VERSION = "1"

TABLES = """
create table meta(name text primary key, value text not null) without rowid;
create table parameter(id integer primary key, type text not null, code text not null, unique(type, code));
create table resource(
    k integer primary key, type text not null, id text not null, version integer not null,
    updated integer not null, method text not null, deleted integer not null, body blob);
create unique index resource_identity on resource(type, id);
create table history(
    k integer not null, version integer not null, updated integer not null, method text not null, body blob,
    unique(k, version));
create table value(
    k integer not null, param integer not null, n integer not null, extreme integer not null,
    code text, system text, low real, high real, primary key(k, param, n)) without rowid;
create table compartment(
    k integer not null, patient text not null, type text not null, primary key(k, patient)) without rowid;
create table group_member(
    cohort text not null, patient text not null, low integer not null, high integer not null,
    primary key(cohort, patient, low)) without rowid;
"""

INDEXES = {
    "resource_walk": "resource(type, deleted, k)",
    "resource_updated": "resource(type, updated, k)",
    "value_code": "value(param, code, k, system, extreme) where code is not null",
    "value_low": "value(param, low, k, high, extreme) where low is not null",
    "value_high": "value(param, high, k, low) where high is not null",
    "compartment_patient": "compartment(patient, type, k)",
}
"""What makes searches fast; built after a bulk load, not during it."""

PRAGMAS = (
    "page_size = 8192",
    "journal_mode = wal",
    "synchronous = full",  # an acknowledged write survives the machine losing power
    "busy_timeout = 5000",
    "cache_size = -65536",
    "mmap_size = 2147418112",
    "temp_store = memory",
)
