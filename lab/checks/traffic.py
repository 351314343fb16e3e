"""Read the traffic of a client out of the journal: token requests, FHIR requests, searches, acts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from lab.api import Exchange, Expect, Truth

_TOKEN_PATH = "/token"  # noqa: S105 - a path
_PATIENT_PARAMETERS = frozenset({"patient", "subject"})
PATIENT = re.compile(r"Patient/([A-Za-z0-9\-.]{1,64})")


@dataclass(frozen=True)
class Search:
    """One search of the application, by GET or POST; ``parameters`` are those of both places."""

    exchange: Exchange
    type: str
    parameters: tuple[tuple[str, str], ...]
    in_url: tuple[tuple[str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        """Return the parameter names, without modifiers."""
        return frozenset(name.partition(":")[0] for name, _ in self.parameters)


def token_requests(journal: Sequence[Exchange], expect: Expect) -> list[Exchange]:
    """Return the requests to the token endpoint; skip the check when there is none."""
    found = [e for e in journal if urlsplit(e.url).path == _TOKEN_PATH]
    if not found:
        expect.skip("L'application n'a demandé aucun jeton.", "The application asked for no token.")
    return found


def fhir_requests(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Exchange]:
    """Return the requests to the hospital's FHIR base; skip the check when there is none."""
    found = [e for e in journal if e.url.startswith(truth.hospital.get("fhir", "?"))]
    if not found:
        expect.skip(
            "L'application n'a rien demandé à l'hôpital.", "The application asked the hospital nothing."
        )
    return found


def searches(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Search]:
    """Return the searches of the application, those that follow a page link left out."""
    issued = links(journal, "next")
    found = []
    for exchange in fhir_requests(journal, truth, expect):
        path = exchange.url.removeprefix(truth.hospital["fhir"]).partition("?")[0].strip("/")
        type_, _, rest = path.partition("/")
        if exchange.url in issued or not type_[:1].isupper() or rest not in {"", "_search"}:
            continue
        if exchange.method == "POST" and rest != "_search":
            continue
        in_url = tuple(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))
        in_body = tuple(parse_qsl(exchange.request_body, keep_blank_values=True)) if rest else ()
        found.append(Search(exchange, type_, in_url + in_body, in_url))
    return found


def links(journal: Iterable[Exchange], relation: str) -> dict[str, Exchange]:
    """Return the URL of every link of that relation that was given, with the answer that gave it."""
    found: dict[str, Exchange] = {}
    for exchange in journal:
        for link in _list(answer(exchange).get("link")):
            if link.get("relation") == relation and isinstance(link.get("url"), str):
                found.setdefault(link["url"], exchange)
    return found


def answer(exchange: Exchange) -> dict[str, Any]:
    """Return the JSON object that was answered, empty when there was none."""
    try:
        data = orjson.loads(exchange.response_body)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def played(journal: Sequence[Exchange], act: str, expect: Expect) -> list[Exchange]:
    """Return the exchanges on which the act was played; skip the check when it was not."""
    found = [e for e in journal if e.act == act and not e.facts.get("decoy")]
    if not found:
        expect.skip(
            f"L'acte {act} n'a pas pu être joué : l'application n'a pas fait assez de requêtes.",
            f"The act {act} could not be played: the application made too few requests.",
        )
    return found


def after(requests: Sequence[Exchange], exchange: Exchange) -> list[Exchange]:
    """Return the requests that began after the one given."""
    return [e for e in requests if e.t > exchange.t]


def patients_asked(exchange: Exchange) -> Iterator[str]:
    """Yield the patients that a request names: by path, ``_id``, or a patient parameter."""
    path = urlsplit(exchange.url).path
    yield from PATIENT.findall(path)
    pairs = parse_qsl(urlsplit(exchange.url).query) + parse_qsl(exchange.request_body)
    for name, value in pairs:
        plain = name.partition(":")[0]
        if plain in _PATIENT_PARAMETERS:
            yield from (part.rpartition("/")[2] for part in value.split(","))
        elif plain == "_id" and "/Patient" in path:
            yield from value.split(",")


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
