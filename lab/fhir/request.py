"""One parsed FHIR request: the only form in which the gateway and the server see a request.

Everything is decided from this object, never from the raw URL, so that no two parts of the platform can
read the same request differently. The grammar is an allow-list: what it does not know is refused.

Spec: https://hl7.org/fhir/R4/http.html#summary
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

from lab.fhir import strict_json
from lab.fhir.interaction import Interaction
from lab.fhir.operation_body import named_values
from lab.fhir.response import FhirError

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_OPERATION = re.compile(r"\$[a-z][A-Za-z-]{0,63}")
_ARGUMENTS = {"$export-status": ("GET", "DELETE"), "$export-file": ("GET",)}
"""The operations on the server whose path goes on: with a job, and with the number of a file of it."""

_OF_INSTANCE = {
    "GET": Interaction.READ,
    "PUT": Interaction.UPDATE,
    "PATCH": Interaction.PATCH,
    "DELETE": Interaction.DELETE,
}
_OF_TYPE = {**_OF_INSTANCE, "GET": Interaction.SEARCH_TYPE, "POST": Interaction.CREATE}
"""Conditional on a type, without an id."""

_RAW_PATH = re.compile(r"[A-Za-z0-9/._$\-]*")
_NO_SEGMENTS = frozenset({"", ".", ".."})
_FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 200


@dataclass(frozen=True)
class Parameter:
    """One search parameter as sent: ``name``, ``modifier`` (without the colon, or None) and ``value``.

    A chain stays in ``name`` (``patient.identifier``), as does ``_has`` with what follows in ``modifier``
    (``Observation:patient:code``).
    """

    name: str
    value: str
    modifier: str | None = None


@dataclass(frozen=True)
class FhirRequest:
    """``base_url`` is the configured address of the listener, never taken from the Host header.

    ``arguments`` are the segments of the path after an operation.
    """

    method: str
    interaction: Interaction
    base_url: str
    type: str | None = None
    id: str | None = None
    version: str | None = None
    operation: str | None = None
    arguments: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of every parameter of that name, in order."""
        return tuple(p.value for p in self.parameters if p.name == name)


def parse(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    base_url: str,
) -> FhirRequest:
    """Parse a request whose ``path`` is relative to the FHIR base and still percent-encoded.

    ``headers`` have lower-case names. Form parameters of ``_search`` are read with those of the query, as are
    the simple parameters in the body of an operation.

    Raises:
        FhirError: 400 when the request is not of the grammar, 404 for a path that names nothing, 405 for a
            method that the path does not have, 415 for a body of the wrong media type.
    """
    segments = _segments(path)
    parameters = _parameters(query)
    is_search = method == "POST" and _is_search(segments)
    if is_search:
        if headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
            raise FhirError(415, "not-supported", f"A POST to _search carries a body of type {_FORM}.")
        parameters += _parameters(_text(body))
        body = b""
    route = _route("GET" if is_search else method, segments[:-1] if is_search else segments, body)
    if route["interaction"] is Interaction.OPERATION and method == "POST" and body:
        parameters += _of_body(body, len(parameters))
    return FhirRequest(
        method=method,
        base_url=base_url,
        parameters=parameters,
        headers=MappingProxyType(dict(headers)),
        body=body,
        **route,  # type: ignore[arg-type]
    )


def _is_search(segments: list[str]) -> bool:
    match segments:
        case [*of, "_search"]:
            return not of or (len(of) == 1 and bool(_TYPE.fullmatch(of[0])))
    return False


def _segments(path: str) -> list[str]:
    if not _RAW_PATH.fullmatch(path):
        raise FhirError(400, "invalid", "The path holds a character that no FHIR path needs.")
    trimmed = path.removeprefix("/")
    if not trimmed:
        return []
    segments = trimmed.split("/")
    if not _NO_SEGMENTS.isdisjoint(segments):
        raise FhirError(400, "invalid", "The path holds an empty or dotted segment.")
    return segments


def _parameters(query: str) -> tuple[Parameter, ...]:
    if not query:
        return ()
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",  # what is no UTF-8 would be replaced by one and the same character
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError:
        message = f"The parameters are not name=value pairs in UTF-8, or are more than {MAX_PARAMETERS}."
        raise FhirError(400, "invalid", message) from None
    parameters = []
    for key, value in pairs:
        name, _, modifier = key.partition(":")
        parameters.append(Parameter(name, value, modifier or None))
    return tuple(parameters)


def _of_body(body: bytes, known: int) -> tuple[Parameter, ...]:
    given = tuple(named_values(body))
    if known + len(given) > MAX_PARAMETERS:
        raise FhirError(400, "invalid", f"The parameters are more than {MAX_PARAMETERS}.")
    split = ((name.partition(":"), value) for name, value in given)
    return tuple(Parameter(name, value, modifier or None) for (name, _, modifier), value in split)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise FhirError(400, "invalid", "The body is not UTF-8.") from None


def _route(method: str, segments: list[str], body: bytes) -> dict[str, object]:  # noqa: PLR0911 - a table
    """Return interaction, type, id, version and operation of a path, or refuse it."""
    match segments:
        case []:
            return _at_system(method, body)
        case ["metadata"]:
            return _only(method, {"GET": Interaction.CAPABILITIES})
        case ["_history"]:
            return _only(method, {"GET": Interaction.HISTORY_SYSTEM})
        case [operation] if _OPERATION.fullmatch(operation) and operation not in _ARGUMENTS:
            return _operation(method, operation)
        case ["$export-status" | "$export-file" as operation, *arguments] if _are_ids(arguments):
            return {**_operation(method, operation, *_ARGUMENTS[operation]), "arguments": tuple(arguments)}
        case ["_search"]:
            return _only(method, {"POST": Interaction.SEARCH_SYSTEM})
        case [type_, *rest] if _TYPE.fullmatch(type_) and _is_at_type(rest):
            return {**_at_type(method, rest), "type": type_}
        case [type_, id_, *rest] if _TYPE.fullmatch(type_) and _ID.fullmatch(id_):
            return {**_at_instance(method, rest), "type": type_, "id": id_}
    raise FhirError(404, "not-found", "No FHIR path of this server has that form.")


def _at_system(method: str, body: bytes) -> dict[str, object]:
    if method != "POST":
        return _only(method, {"GET": Interaction.SEARCH_SYSTEM, "POST": Interaction.BATCH})
    bundle = strict_json.read(body)
    kind = bundle.get("type")
    if kind not in ("batch", "transaction") or bundle.get("resourceType") != "Bundle":
        raise FhirError(400, "invalid", "A POST to the base carries a Bundle of type batch or transaction.")
    return {"interaction": Interaction.TRANSACTION if kind == "transaction" else Interaction.BATCH}


def _is_at_type(rest: list[str]) -> bool:
    return (
        not rest
        or rest in (["_search"], ["_history"])
        or (len(rest) == 1 and bool(_OPERATION.fullmatch(rest[0])))
    )


def _at_type(method: str, rest: list[str]) -> dict[str, object]:
    match rest:
        case ["_search"]:
            return _only(method, {"POST": Interaction.SEARCH_TYPE})
        case ["_history"]:
            return _only(method, {"GET": Interaction.HISTORY_TYPE})
        case [operation]:
            return _operation(method, operation)
    return _only(method, _OF_TYPE)


def _at_instance(method: str, rest: list[str]) -> dict[str, object]:
    match rest:
        case []:
            return _only(method, _OF_INSTANCE)
        case ["_history"]:
            return _only(method, {"GET": Interaction.HISTORY_INSTANCE})
        case ["_history", version] if _ID.fullmatch(version):
            return {**_only(method, {"GET": Interaction.VREAD}), "version": version}
        case [operation] if _OPERATION.fullmatch(operation):
            return _operation(method, operation)
    raise FhirError(404, "not-found", "No FHIR path of this server has that form.")


def _are_ids(arguments: list[str]) -> bool:
    return 1 <= len(arguments) <= 2 and all(_ID.fullmatch(argument) for argument in arguments)


def _operation(method: str, name: str, *methods: str) -> dict[str, object]:
    allowed = dict.fromkeys(methods or ("GET", "POST"), Interaction.OPERATION)
    return {**_only(method, allowed), "operation": name}


def _only(method: str, allowed: Mapping[str, Interaction]) -> dict[str, object]:
    """Return the interaction of a method; HEAD is GET without its body."""
    interaction = allowed.get("GET" if method == "HEAD" else method)
    if interaction is None:
        verbs = ", ".join(sorted({*allowed, *(["HEAD"] if "GET" in allowed else [])}))
        raise FhirError(405, "not-supported", f"This path answers to {verbs}.", (("allow", verbs),))
    return {"interaction": interaction}
