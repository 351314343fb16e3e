"""The embedded server as a backend of the gateway."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from lab.fhir.interaction import CONTAINERS, WRITES
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.dispatch import perform
from lab.fhirserver.operations.export_jobs import Exports
from lab.fhirserver.operations.export_run import run
from lab.fhirserver.page import Pages
from lab.fhirserver.search.seen_time import seen_times
from lab.fhirserver.server import Server
from lab.fhirserver.storage.address import Place, is_database
from lab.fhirserver.storage.connection import OverdueError
from lab.fhirserver.storage.loading import load
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.fhirserver.storage_failure import storage_failure
from lab.fhirserver.subscriptions.sender import Sender
from lab.fhirserver.subscriptions.watching import Watcher
from lab.fhirserver.visibility import members
from lab.model.release import Release

_LOG = logging.getLogger(__name__)
_WRITING = WRITES | CONTAINERS
_FAILED = outcome(500, "exception", "The server failed to answer.")


def _now() -> datetime:
    return datetime.now(UTC)


def _beside(place: Place) -> Path | None:
    """Return the folder of exports of a store in a file."""
    return None if is_database(place) else Path(place).with_name(f"{Path(place).name}-exports")


class EmbeddedBackend:
    """A hospital in one store. See ``lab.backends.backend.Backend``."""

    def __init__(  # noqa: PLR0913 - what may be chosen of a server
        self,
        place: Place,
        *,
        page_key: bytes | None,
        security_urls: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = _now,
        zone: tzinfo = HOSPITAL_ZONE,
        release: Release = "R4",
        limit_s: float = 10.0,
        reading_limit_s: float = 3.0,
        exports: Path | None = None,
    ) -> None:
        """Open the store, or make it for the resources of a release: a file, or a database by its URL.

        ``page_key`` is a secret of at least 16 bytes: page links survive a restart under the same key.
        With None it is the one that the store keeps: machines that share it follow each other's links.
        ``security_urls`` are published in the CapabilityStatement (``token``, ``authorize``…). ``zone`` is
        that of dates without one. A write that takes longer than ``limit_s`` seconds is given up, a read
        after ``reading_limit_s``: sooner, since the next one does the same work again.
        ``exports`` is the folder for the files of exports, which all processes of the store share; without
        it, it stands beside the file, and a database has none: exports are then refused.

        Raises:
            StoreError: the store was made by another version of this server or for another release, or cannot
                be reached.
            ValueError: the key is too short.
        """
        store = Store(place, clock=clock, zone=zone, release=release)
        self._limit_s, self._reading_limit_s = limit_s, min(limit_s, reading_limit_s)
        store_exports = Exports(_beside(place) if exports is None else exports, run)
        sender = Sender(store)
        store.watcher = Watcher(store, sender.wake)
        self._server = Server(
            store, Pages(page_key or store.page_key()), store_exports, sender, security_urls or {}
        )
        if store.rows("select 1 from subscriber limit 1"):
            sender.start()

    async def answer(self, request: FhirRequest, view: View) -> FhirResponse:
        """Answer the request as seen through the view; errors are answers."""
        try:
            limit_s = self._limit_s if request.interaction in _WRITING else self._reading_limit_s
            with self._server.store.within(limit_s):
                return perform(self._server, request, view)
        except FhirError as error:
            return error.response()
        except OverdueError:
            return outcome(503, "too-costly", "The request takes too long: narrow it.")
        except self._server.store.errors as error:
            _LOG.exception("The store failed: %s", request.interaction)
            return storage_failure(error) or _FAILED
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, the log gets the rest
            _LOG.exception("The request failed: %s", request.interaction)
            return _FAILED

    def seen_times(self, view: View, resources: Collection[Json]) -> Mapping[tuple[str, str], str]:
        """Return when each resource, by type and id, last changed as the view shows it."""
        return seen_times(self._server.store, view, resources)

    def members(self, group: str) -> frozenset[str]:
        """Return the ids of the active patients of a Group; empty when there is no such Group."""
        return members(self._server.store, f"Group/{group}")

    def is_empty(self) -> bool:
        """Tell whether no resource was ever stored."""
        return not self._server.store.rows("select 1 from resource limit 1")

    def load(self, resources: Iterable[Mapping[str, Any]]) -> int:
        """Store resources that are new, each under its own id, all or none; return how many.

        They are trusted, hence not validated.

        Raises:
            ValueError: a resource has no id, its type is not served, or its id is taken.
        """
        return load(self._server.store, resources)

    def share(self) -> None:
        """Take over the notifications of other processes that serve the same file, when they end."""
        self._server.sender.start()

    def close(self) -> None:
        """End the exports and the notifications, and close the file."""
        self._server.sender.close()
        self._server.exports.close()
        self._server.store.close()
