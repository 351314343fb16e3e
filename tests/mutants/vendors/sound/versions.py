"""Past versions: read one by one, and as histories.

Spec: https://hl7.org/fhir/R4/http.html#vread, https://hl7.org/fhir/R4/http.html#history
"""

from typing import Any

from tests.mutants.vendors.sound.message import Answer, Json, Refused, listed, nothing_there, said
from tests.mutants.vendors.sound.store import Version
from tests.mutants.vendors.sound.tokens import Caller


class Versions:
    """The parts that it uses are those of ``Resources``."""

    base: str
    store: Any
    search: Any
    shown: Any

    def vread(self, caller: Caller, type_: str, id_: str, number: str) -> Answer:
        """Answer the read of one version."""
        self.check_versions(caller, type_)
        for version in self.visible(caller, type_, id_, "vread"):
            if str(version.number) == number:
                if version.body is None:
                    raise Refused(410, "deleted", "The version is a deletion.")
                return said(200, self.shown(caller, version.body, "vread"), ("ETag", f'W/"{number}"'))
        raise nothing_there()

    def history(self, caller: Caller, type_: str, id_: str | None) -> Answer:
        """Answer the history of a resource, or of a type."""
        self.check_versions(caller, type_)
        ids = [id_] if id_ else [key[1] for key in sorted(self.store.held) if key[0] == type_]
        found = [(one, v) for one in ids for v in reversed(self.visible(caller, type_, one, "history"))]
        if id_ and not found:
            raise nothing_there()
        entries = [self.past(caller, type_, one, version) for one, version in found]
        return listed("history", entries)

    def check_versions(self, caller: Caller, type_: str) -> None:
        """Refuse past versions of what is masked: they would tell of hidden changes."""
        if caller.client.masks_some(type_):
            raise Refused(403, "forbidden", "Past versions of this type are not available.")

    def visible(self, caller: Caller, type_: str, id_: str, way: str) -> list[Version]:
        """Return the versions that the caller sees, of a resource that it sees now."""
        versions = self.store.versions(type_, id_)
        now = next((v.body for v in reversed(versions) if v.body is not None), None)
        if now is None or not self.search.reach.sees(caller, now, way):
            return []
        return [v for v in versions if v.body is None or self.search.reach.sees(caller, v.body, way)]

    def past(self, caller: Caller, type_: str, id_: str, version: Version) -> Json:
        """Return one entry of a history."""
        method = "DELETE" if version.body is None else "PUT"
        entry: dict[str, Any] = {"fullUrl": f"{self.base}/{type_}/{id_}"}
        entry["request"] = {"method": method, "url": f"{type_}/{id_}"}
        entry["response"] = {"status": "204" if version.body is None else "200", "lastModified": version.at}
        if version.body is not None:
            entry["resource"] = self.shown(caller, version.body, "history")
        return entry
