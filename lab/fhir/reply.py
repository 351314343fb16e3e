"""What a server answered to one request of a check, read without trusting it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson


@dataclass(frozen=True)
class Reply:
    """``exchange`` is the id of the recorded exchange. ``status`` 0 means that no answer came.

    ``error`` says why there is none, or why the body is not whole.
    """

    exchange: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""
    url: str = field(default="")

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def json(self) -> Any:
        """Return the body as JSON, or None when it is not."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def resource(self) -> dict[str, Any]:
        """Return the body as a resource, or an empty object when it is none."""
        return self.json if isinstance(self.json, dict) and "resourceType" in self.json else {}

    @property
    def type(self) -> str:
        """Return the type of the resource, or an empty string."""
        return str(self.resource.get("resourceType", ""))

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the entries of the Bundle, or an empty list."""
        found = self.resource.get("entry", []) if self.type == "Bundle" else []
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def resources(self, type_: str | None = None, *, mode: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the resources of the Bundle, of one type and search mode when asked."""
        for entry in self.entries:
            resource = entry.get("resource")
            if not isinstance(resource, dict):
                continue
            search = entry.get("search")
            found = search.get("mode", "match") if isinstance(search, dict) else "match"
            # Compared one by one: what a server puts there may not even be hashable.
            if type_ in (None, resource.get("resourceType")) and mode in (None, found):
                yield resource

    @property
    def ids(self) -> list[str]:
        """Return ``Type/id`` of the matches of the Bundle, in order."""
        return [f"{r.get('resourceType')}/{r.get('id')}" for r in self.resources(mode="match")]

    def link(self, relation: str) -> str | None:
        """Return the URL of a link of the Bundle."""
        links = self.resource.get("link", [])
        for link in links if isinstance(links, list) else []:
            if (
                isinstance(link, dict)
                and link.get("relation") == relation
                and isinstance(link.get("url"), str)
            ):
                return str(link["url"])
        return None

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")
