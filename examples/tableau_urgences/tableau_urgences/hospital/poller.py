"""Keeps the board up to date: what changed, who is still visible, which teams are on duty.

Nothing is asked twice within the poll interval, and no identity of a patient ever stands in a URL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tableau_urgences.board import RECENT, Board
from tableau_urgences.events import alert, event
from tableau_urgences.fhir import resource_id
from tableau_urgences.hospital import checkpoint
from tableau_urgences.hospital.checkpoint import Checkpoint
from tableau_urgences.hospital.client import HospitalClient
from tableau_urgences.hospital.questions import Deleted, Denied, Gone, Rejected, TooLarge
from tableau_urgences.hospital.tokens import TokenRefused
from tableau_urgences.hospital.transport import HospitalError, Unavailable
from tableau_urgences.settings import Settings

PAGE = "100"
BATCH = 100
OVERLAP = timedelta(seconds=30)
TEAM_EVERY = 5
RETREAT_S = 60.0
HOLD_UNCONFIRMED = timedelta(minutes=15)


class Poller:
    """One task; ``watermark`` is the hospital's time up to which changes are known."""

    def __init__(self, client: HospitalClient, board: Board, settings: Settings) -> None:
        self.client = client
        self.board = board
        self.settings = settings
        self.watermark: datetime | None = None
        self._resumed: Sequence[str] = ()
        self._rounds = 0
        self._failures = 0
        self._etags: dict[str, str] = {}
        self._deleted: set[str] = set()
        if settings.state_file is not None:
            self._resume(settings.state_file)

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:  # noqa: ASYNC110 - a pause between polls, not a wait for a change
            await asyncio.sleep(await self.round())

    async def round(self) -> float:
        """Poll once and return how long to wait before the next time, in seconds."""
        try:
            await self._poll_in_time()
        except HospitalError as error:
            self._failures += 1
            event("poll_failed", error=str(error), kind=type(error).__name__)
            self._let_go(error)
            return self.pause(error)
        self._failures = 0
        self._rounds += 1
        self.board.confirmed_at = self.client.transport.now()
        self._save()
        return self.pause(None)

    async def _poll_in_time(self) -> None:
        """Poll, but let no wait of the hospital's keep unconfirmed data on the board."""
        try:
            async with asyncio.timeout(HOLD_UNCONFIRMED.total_seconds()):
                await self.poll()
        except TimeoutError:
            raise Unavailable("the poll lasted too long") from None

    def pause(self, failure: HospitalError | None) -> float:
        """Return the wait after a poll; after a failure it grows, and it is long once all tries are spent."""
        interval = self.settings.poll_interval_s
        if isinstance(failure, Unavailable):
            return max(interval, RETREAT_S)
        return min(max(interval, RETREAT_S), interval * 2.0 ** min(self._failures, 10))

    async def poll(self) -> None:
        """Ask the hospital what it shows now."""
        board = self.board
        slow = self._rounds % TEAM_EVERY == 0
        if slow:
            held = {*board.held["Encounter"], *self._resumed}
            await self._attempt("Encounter", lambda: self.see_again("Encounter", held))
            self._resumed = ()
        await self._attempt("Encounter", self.changed_encounters)
        await self._attempt("Patient", lambda: self.see_again("Patient", board.wanted_patients()))
        if slow:
            await self._attempt("PractitionerRole", self.teams)
            await self._attempt(
                "Practitioner", lambda: self.see_again("Practitioner", board.practitioner_ids())
            )
            await self._attempt("Location", self.places)
        board.settle(self.client.transport.now())

    async def changed_encounters(self) -> None:
        """Take the emergency encounters changed since the watermark, or in the last day at first."""
        found = await self.client.search("Encounter", await self.encounter_query())
        for encounter in found.resources:
            self.board.put(encounter)
        if found.complete and found.asked_at is not None:
            self.watermark = found.asked_at

    async def encounter_query(self) -> dict[str, str]:
        """Return the search of changed encounters; the overlap catches what was written meanwhile."""
        await self.client.tokens.configuration()  # its answer gives the hospital's clock
        since = self.watermark - OVERLAP if self.watermark else self.client.transport.now() - RECENT
        return {"class": "EMER", "_lastUpdated": f"ge{since.isoformat(timespec='seconds')}", "_count": PAGE}

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Ask for records by id, in batches; those the hospital no longer shows are dropped."""
        wanted = sorted(ids)
        for start in range(0, len(wanted), BATCH):
            await self.see_batch(type_, wanted[start : start + BATCH])

    async def see_batch(self, type_: str, batch: list[str]) -> None:
        """Ask for one batch; what is too large for the hospital is asked for in two halves."""
        query = {"_id": ",".join(batch), "_count": PAGE}
        try:
            found = await self.client.search(type_, query, private=True)
        except TooLarge:
            if len(batch) == 1:
                raise
            middle = len(batch) // 2
            await self.see_batch(type_, batch[:middle])
            await self.see_batch(type_, batch[middle:])
            return
        shown = {resource_id(resource) for resource in found.resources}
        for resource in found.resources:  # one that comes twice is compared with itself there
            if resource_id(resource) in batch:
                self.board.put(resource)
        if found.complete:
            self.board.drop(type_, set(batch) - shown)

    async def teams(self) -> None:
        """Take the roles at the emergency sites; a role that is no longer given is over."""
        query = {"location": ",".join(self.settings.locations), "_count": PAGE}
        found = await self.client.search("PractitionerRole", query)
        if found.complete:
            given = {resource_id(role) for role in found.resources}
            self.board.drop("PractitionerRole", set(self.board.held["PractitionerRole"]) - given)
        for role in found.resources:
            self.board.put(role)

    async def places(self) -> None:
        """Read the emergency sites for their names: not again what is unchanged, no more what was deleted."""
        for id_ in (one for one in self.settings.locations if one not in self._deleted):
            try:
                answer = await self.client.read("Location", id_, self._etags.get(id_, ""))
            except Gone as error:
                if isinstance(error, Deleted):
                    self._deleted.add(id_)
                self._etags.pop(id_, None)
                self.board.drop("Location", [id_])
                continue
            if answer.status == 200 and resource_id(answer.content) == id_:
                self.board.put(answer.content)
                self._etags[id_] = answer.headers.get("etag", "")

    async def _attempt(self, type_: str, step: Callable[[], Awaitable[None]]) -> None:
        """Run one step of the poll; a type that is closed does not stop the others."""
        try:
            await step()
        except Denied:
            self.board.unavailable.add(type_)
            self._forget(type_)
        except (Rejected, Gone):
            self.board.unavailable.add(type_)
        else:
            self.board.unavailable.discard(type_)

    def _forget(self, type_: str) -> None:
        """Keep no copy of a closed type, nor what would spare us asking for it whole once it opens again."""
        self.board.drop_type(type_)
        if type_ in {"Encounter", "Patient"}:  # the stays of a patient go with it
            self.watermark = None
        if type_ == "Location":
            self._etags.clear()

    def _let_go(self, error: HospitalError) -> None:
        """Keep no copy of what nothing confirms any more: registration refused, or hospital long silent."""
        confirmed = self.board.confirmed_at
        silent = confirmed is not None and self.client.transport.now() - confirmed >= HOLD_UNCONFIRMED
        if (silent or isinstance(error, TokenRefused)) and any(self.board.held.values()):
            alert("board_cleared", why=type(error).__name__)
            self.board.clear()
            self.watermark = None

    def _resume(self, path: Path) -> None:
        known = checkpoint.read(path)
        self.watermark, self._resumed, self._deleted = known.watermark, known.encounters, set(known.deleted)

    def _save(self) -> None:
        path = self.settings.state_file
        if path is not None and self.watermark is not None:
            held, deleted = sorted(self.board.held["Encounter"]), sorted(self._deleted)
            checkpoint.write(path, Checkpoint(self.watermark, held, deleted))
