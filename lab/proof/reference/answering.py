"""What a request should be answered: evaluated on the view, resource by resource.

What is not modelled is said to be so, and counted; it is never taken for right.
Specs: ``docs/five-levels.md``, https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html
"""

from dataclasses import dataclass
from typing import Any

from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital
from lab.proof.reference.searching import Found, searched

Json = dict[str, Any]
_WRITES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Asked:
    """A request as the reference reads it; ``query`` is decoded."""

    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """Return a header, empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True)
class Unmodelled:
    """A request that the reference has no opinion on."""

    why: str


@dataclass(frozen=True)
class Status:
    """The statuses that there may be; nothing is said of the body."""

    of: frozenset[int]


@dataclass(frozen=True)
class Resource:
    """A status 200 with one resource, as the client sees it."""

    body: Json


@dataclass(frozen=True)
class Versions:
    """The versions of a resource that the client can tell apart, newest first, None for a deletion."""

    looks: tuple[Json | None, ...]


Expected = Status | Resource | Versions | Found | Unmodelled


def answer(asked: Asked, client: Client, hospital: Hospital) -> Expected:  # noqa: C901, PLR0911 - a table
    """Return what the request should be answered."""
    if "xml" in asked.header("accept") or ("_format", "xml") in asked.query:
        return Unmodelled("another format")
    match asked.method, asked.path:
        case (("GET" | "HEAD"), (type_,)) if type_[:1].isupper():
            return _search(asked, client, hospital, type_)
        case (("GET" | "HEAD"), (type_, id_)) if type_[:1].isupper() and id_[:1].isalnum():
            return _read(asked, client, hospital, f"{type_}/{id_}")
        case (("GET" | "HEAD"), (type_, id_, "_history", number)) if type_[:1].isupper():
            return _version(asked, client, hospital, f"{type_}/{id_}", number)
        case (("GET" | "HEAD"), (type_, id_, "_history")) if type_[:1].isupper():
            return _history(asked, client, hospital, f"{type_}/{id_}")
        case "GET", (type_, "_history") if type_[:1].isupper():
            return _closed(client, "history-type", type_) or Unmodelled("versions")
        case "GET", ("_history",):
            return Status(frozenset({403}))
        case ("PATCH", (type_, *_)) if type_[:1].isupper() and client.masks:
            return Status(frozenset({400, 403, 415}))
        case "GET", (type_, _, "$validate") if type_[:1].isupper() and client.masks:
            return Status(frozenset({400, 403}))
        case (("PUT" | "PATCH" | "DELETE"), (type_, id_)) if type_[:1].isupper() and id_[:1].isalnum():
            return _write(asked, client, hospital, type_, id_)
        case (("POST" | "PUT" | "PATCH" | "DELETE"), (type_,)) if type_[:1].isupper():
            return _closed(client, _WRITES[asked.method], type_) or Unmodelled("write by the server's choice")
    return Unmodelled("operation or container")


def _closed(client: Client, action: str, type_: str) -> Status | None:
    return None if client.may(action, type_) else Status(frozenset({403}))


def _read(asked: Asked, client: Client, hospital: Hospital, name: str) -> Expected:
    type_ = name.partition("/")[0]
    if closed := _closed(client, "read", type_):
        return closed
    if asked.query or any(asked.header(h) for h in ("if-none-match", "if-modified-since")):
        return Unmodelled("read under conditions")
    there = hospital.by_name.get(name)
    if there is not None:
        seen = client.sees(hospital, "read", there)
        return Resource(client.look_now(hospital, there)) if seen else Status(frozenset({404}))
    ended = next((r for r in hospital.ended if f"{r['resourceType']}/{r['id']}" == name), None)
    if ended is None:
        return Status(frozenset({404}))
    if client.narrows(type_, "r"):
        return Unmodelled("deleted under a granular scope")
    return Status(frozenset({410 if client.sees(hospital, "read", ended) else 404}))


def _history(asked: Asked, client: Client, hospital: Hospital, name: str) -> Expected:
    type_ = name.partition("/")[0]
    if closed := _closed(client, "history-instance", type_):
        return closed
    if client.narrows(type_, "r"):
        return Status(frozenset({403}))
    if asked.query:
        return Unmodelled("history by time or in pages")
    versions = hospital.versions.get(name, ())
    last = next((version for version in reversed(versions) if version is not None), None)
    if last is None or not client.sees(hospital, "history-instance", last):
        return Status(frozenset({404}))
    return Versions(tuple(reversed(client.looks(hospital, name))))


def _version(asked: Asked, client: Client, hospital: Hospital, name: str, number: str) -> Expected:
    type_ = name.partition("/")[0]
    if closed := _closed(client, "vread", type_):
        return closed
    if client.narrows(type_, "r"):
        return Status(frozenset({403}))
    if client.masks or asked.query or any(asked.header(h) for h in ("if-none-match", "if-modified-since")):
        return Unmodelled("version by its digest, or under conditions")
    versions = hospital.versions.get(name, ())
    last = next((version for version in reversed(versions) if version is not None), None)
    known = number.isdigit() and 0 < int(number) <= len(versions)
    if last is None or not known or not client.sees(hospital, "vread", last):
        return Status(frozenset({404}))
    version = versions[int(number) - 1]
    if version is None:
        return Status(frozenset({410}))
    return Resource(version) if client.sees(hospital, "vread", version) else Status(frozenset({404}))


def _search(asked: Asked, client: Client, hospital: Hospital, type_: str) -> Expected:
    if closed := _closed(client, "search-type", type_):
        return closed
    if any(name == "_page" for name, _ in asked.query):
        return Unmodelled("page")
    found = searched(client, hospital, type_, asked.query)
    return Unmodelled(found) if isinstance(found, str) else found


def _write(asked: Asked, client: Client, hospital: Hospital, type_: str, id_: str) -> Expected:
    """Tell the status of a write to what the client cannot see; others are judged by their effects."""
    action = _WRITES[asked.method]
    if closed := _closed(client, action, type_):
        return closed
    ended = next((r for r in hospital.ended if (r["resourceType"], r["id"]) == (type_, id_)), None)
    there = hospital.by_name.get(f"{type_}/{id_}", ended)
    if there is not None and client.sees(hospital, action, there):
        return Unmodelled("write of what is seen")
    if action == "delete":
        return Status(frozenset({204}))
    if action == "patch" and not client.may("read", type_):
        return Status(frozenset({403, 400}))  # a patch tells what it reads
    if there is not None or client.confined(hospital, action, type_):
        return Status(frozenset({404, 400, 412, 415, 422} | ({403} if type_ in {"Group", "List"} else set())))
    return Unmodelled("creation under an id")
