"""Puts the parts together: one night after the other, and the hooks beside them."""

import logging
import os
import threading
import time
import uuid
from typing import Any

import httpx

from entrepot_recherche.export import Export
from entrepot_recherche.hospital import USER_AGENT, Hospital, HospitalError, NoTokenError
from entrepot_recherche.places import Places
from entrepot_recherche.results import Results
from entrepot_recherche.settings import Settings, read_settings
from entrepot_recherche.site import server

MAX_DOUBLINGS = 3
_LOG = logging.getLogger("entrepot_recherche")


class Program:
    """The application; a subclass may put another part in the place of one of these."""

    hospital: type[Hospital] = Hospital
    export: type[Export] = Export
    places: type[Places] = Places
    results: type[Results] = Results

    def __init__(self, settings: Settings, http: httpx.Client) -> None:
        self.settings = settings
        self.held: dict[str, dict[str, Any]] = {}
        self.source = self.hospital(settings, http)
        self.exports = self.export(self.source, self.keep, self.drop)
        self.sites = self.places(self.source)
        self.published = self.results(self.source, self.drop)

    def run(self) -> None:
        """Work night after night; after a night that failed the next one comes later."""
        hooks = server(self.settings.port, self.held)
        threading.Thread(target=hooks.serve_forever, daemon=True).start()
        failed = 0
        while True:
            try:
                self.night()
                failed = 0
            except HospitalError as error:
                failed += 1
                _LOG.warning("night_failed %s", error)
            time.sleep(self.settings.night_s * 2 ** min(failed, MAX_DOUBLINGS))

    def night(self) -> None:
        """Do each part for which the token opens enough; one that fails does not stop the others."""
        failed: HospitalError | None = None
        for part, types in (
            (self.pull, ("Group", "Observation", "Patient")),
            (self.sites.refresh, ("Location",)),
            (self.give_back, ("Observation",)),
        ):
            try:
                if withheld := [type_ for type_ in types if not self.source.opens(type_)]:
                    _LOG.warning("part_left_out the token does not open %s", ", ".join(withheld))
                else:
                    part()
            except NoTokenError:
                raise
            except HospitalError as error:
                failed = error
        if failed:
            raise failed

    def pull(self) -> None:
        """Export the cohort."""
        self.exports.run(self.settings.group)

    def give_back(self) -> None:
        """Publish one result about the first patient of the cohort."""
        patients = sorted(name for name in self.held if name.startswith("Patient/"))
        if patients:
            self.published.publish(patients[0].partition("/")[2], len(self.held))

    def keep(self, resource: dict[str, Any]) -> None:
        """Keep a resource of the export."""
        self.held[f"{resource['resourceType']}/{resource['id']}"] = resource

    def drop(self, name: str) -> None:
        """Forget a resource that the hospital deleted."""
        self.held.pop(name, None)


def identify(request: httpx.Request) -> None:
    """Give a request a number of its own, by which the hospital and we can speak of it."""
    request.headers["X-Request-Id"] = str(uuid.uuid4())


def main(program: type[Program] = Program) -> None:
    """Run the program that the environment variables describe."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write every address
    headers = {"User-Agent": USER_AGENT}
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=10, headers=headers) as http:
        http.event_hooks["request"].append(identify)
        program(read_settings(os.environ), http).run()


if __name__ == "__main__":
    main()
