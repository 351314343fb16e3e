"""Level 5, holes in versions and times: what they tell of changes that masks hide."""

from dataclasses import replace

import pytest

from lab.fhir import hidden
from lab.fhirserver.operations import about
from lab.fhirserver.search import own, sorting
from lab.gateway import masked_history, masked_requests, ruling, seen
from lab.gateway.seen import Eyes


def version_number_shown(patch: pytest.MonkeyPatch) -> None:
    """The version of a resource is its number: it counts hidden changes."""
    sound = Eyes.see

    def see(eyes, resource, time=None):
        number = resource.get("meta", {}).get("versionId")
        done = sound(eyes, resource, time)
        if number and "versionId" in done.get("meta", {}):
            done["meta"]["versionId"] = number
        return done

    patch.setattr(Eyes, "see", see)


def etag_of_the_store(patch: pytest.MonkeyPatch) -> None:
    """The ETag is that of the whole resource."""
    _keeping(patch, "etag")


def last_modified_kept(patch: pytest.MonkeyPatch) -> None:
    """The header Last-Modified is the time of the last change, hidden or not."""
    _keeping(patch, "last-modified")


def digest_of_the_whole(patch: pytest.MonkeyPatch) -> None:
    """The version is a digest of the resource before it is masked."""
    sound = Eyes.see

    def see(eyes, resource, time=None):
        whole = seen.hashlib.sha256(seen.write(resource)).hexdigest()[:20]
        done = sound(eyes, resource, time)
        if "versionId" in done.get("meta", {}):
            done["meta"]["versionId"] = whole
        return done

    patch.setattr(Eyes, "see", see)


def last_updated_shown(patch: pytest.MonkeyPatch) -> None:
    """meta.lastUpdated is the time of the last change, hidden or not."""
    sound = Eyes.see

    def see(eyes, resource, time=None):
        at = resource.get("meta", {}).get("lastUpdated")
        return sound(eyes, resource, at if time else None)

    patch.setattr(Eyes, "see", see)


def last_updated_searched(patch: pytest.MonkeyPatch) -> None:
    """A search by _lastUpdated finds hidden changes."""
    patch.setattr(own, "seen_time", lambda *_: "r.updated")


def last_updated_sorted(patch: pytest.MonkeyPatch) -> None:
    """The order by _lastUpdated tells of hidden changes."""
    patch.setattr(sorting, "seen_time", lambda *_: "r.updated")


def since_finds_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    """An operation with _since gives what was changed under masks only."""
    patch.setattr(about, "seen_time", lambda *_: "r.updated")


def narrative_change_counts(patch: pytest.MonkeyPatch) -> None:
    """A change of the narrative alone moves meta.lastUpdated."""
    _hides(patch, lambda path: " text" not in path)


def label_change_counts(patch: pytest.MonkeyPatch) -> None:
    """A change of labels or tags that are hidden moves meta.lastUpdated."""
    _hides(patch, lambda path: " meta " not in path)


def display_change_counts(patch: pytest.MonkeyPatch) -> None:
    """A change of the label of a reference to a patient moves meta.lastUpdated."""
    _hides(patch, lambda path: not path.endswith("@patient"))


def known_version_by_number(patch: pytest.MonkeyPatch) -> None:
    """If-None-Match is compared with the numbers of the store: 304 tells how often a resource was written."""
    sound = masked_requests.Masked.answer

    async def answer(self, request):
        tag = request.headers.get("if-none-match")
        if request.method == "GET" and request.interaction == "read" and tag:
            plain = await self._ask(request)
            if plain.status == 304:
                return replace(plain, headers=())
        return await sound(self, request)

    patch.setattr(masked_requests.Masked, "answer", answer)


def modified_since_answered(patch: pytest.MonkeyPatch) -> None:
    """If-Modified-Since is answered: 304 tells when hidden parts changed."""
    sound = masked_requests.Masked.answer

    async def answer(self, request):
        if (
            request.method == "GET"
            and "if-modified-since" in request.headers
            and request.interaction == "read"
        ):
            plain = await self._ask(request)
            if plain.status == 304:
                return replace(plain, headers=())
        return await sound(self, request)

    patch.setattr(masked_requests.Masked, "answer", answer)


def written_over_by_number(patch: pytest.MonkeyPatch) -> None:
    """If-Match is met by the number of a version: who guesses it learns how often a resource was written."""
    sound = masked_requests.Masked._is_met

    def is_met(self, request, stored):
        number = None if stored is None else stored.get("meta", {}).get("versionId")
        tag = request.headers.get("if-match")
        return sound(self, request, stored) or (tag is not None and tag == f'W/"{number}"')

    patch.setattr(masked_requests.Masked, "_is_met", is_met)


def hidden_versions_listed(patch: pytest.MonkeyPatch) -> None:
    """The history lists versions that look like the one before: it counts hidden changes."""
    patch.setattr(
        masked_history, "_different", lambda entries, eyes: [masked_history._seen(e, eyes) for e in entries]
    )


def history_counts_the_hidden(patch: pytest.MonkeyPatch) -> None:
    """The total of a history counts the versions that are left out."""
    sound = masked_requests.history

    async def history(ask, request, eyes):
        answer, plain = await sound(ask, request, eyes), await ask(replace(request, parameters=()))
        if answer.status != 200 or not answer.body:
            return answer
        body = {**seen.exact(answer.body), "total": seen.exact(plain.body).get("total")}
        return replace(answer, body=seen.write(body, pretty=eyes.pretty))

    patch.setattr(masked_requests, "history", history)


def version_by_number(patch: pytest.MonkeyPatch) -> None:
    """A version is also found by its number: there is one, or not, by hidden changes."""
    sound = masked_requests.version

    async def version(ask, request, eyes):
        plain = await ask(request)
        if plain.status == 200:
            return masked_requests.as_seen(plain, request, eyes)
        return await sound(ask, request, eyes)

    patch.setattr(masked_requests, "version", version)


def time_of_the_last_that_looks_so(patch: pytest.MonkeyPatch) -> None:
    """A version in a history has the time of the last write that looked so."""

    def different(entries, eyes):
        looks = [masked_history._seen(entry, eyes) for entry in entries]
        before = None
        for entry in looks:
            tag = masked_history.etag(entry.get("resource", {}))
            if before is None or tag != before or tag is None:
                yield entry
            before = tag

    patch.setattr(masked_history, "_different", different)


def history_by_time(patch: pytest.MonkeyPatch) -> None:
    """A history is asked for by time, or of a whole type in the order of time."""
    patch.setattr(ruling, "_asks_when", lambda _: False)


def entries_tell_versions(patch: pytest.MonkeyPatch) -> None:
    """The response of an entry keeps the ETag and the time of the store."""
    patch.setattr(seen, "see_response", lambda _: None)
    patch.setattr(masked_history, "see_response", lambda _: None)


def location_tells_versions(patch: pytest.MonkeyPatch) -> None:
    """The Location of what was written names the number of the version."""
    patch.setattr(seen, "_unversioned", lambda header: header)
    patch.setattr(seen, "_location", lambda address, _: address)


def exported_times(patch: pytest.MonkeyPatch) -> None:
    """The lines of an export have the times of hidden changes."""
    sound = seen._lines

    def lines(chunks, eyes):
        kept = list(chunks)
        times = [seen.exact(line)["meta"].get("lastUpdated") for c in kept for line in c.split(b"\n") if line]
        masked = b"".join(sound(kept, eyes))
        for line, time in zip([one for one in masked.split(b"\n") if one], times, strict=True):
            body = seen.exact(line)
            body["meta"] = {**body.get("meta", {}), "lastUpdated": time}
            yield seen.write(body) + b"\n"

    patch.setattr(seen, "_lines", lines)


def _keeping(patch, name) -> None:
    sound = masked_requests.as_seen

    def as_seen(answer, request, eyes):
        kept = [pair for pair in answer.headers if pair[0] == name]
        done = sound(answer, request, eyes)
        others = tuple(pair for pair in done.headers if pair[0] != name)
        return replace(done, headers=(*others, *kept)) if kept else done

    patch.setattr(masked_requests, "as_seen", as_seen)


def _hides(patch, kept) -> None:
    """Let some changes count although masks hide them."""
    sound = hidden._hides.__wrapped__
    replaced = hidden.lru_cache(maxsize=4096)(lambda masks, path: kept(path) and sound(masks, path))
    patch.setattr(hidden, "_hides", replaced)
