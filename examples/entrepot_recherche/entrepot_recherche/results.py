"""Gives one result back to the hospital: created once whatever happens, updated over the version last read.

Specs: https://hl7.org/fhir/R4/http.html#ccreate, https://hl7.org/fhir/R4/http.html#concurrency
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from entrepot_recherche.hospital import Hospital, HospitalError

SYSTEM = "https://entrepot.exemple.fr/resultats"
UPDATE_TRIES = 3
_CREATED, _GONE, _LOST_RACE = {200, 201}, {404, 410}, 412


class Results:
    """The warehouse's own Observations at the hospital: one each night, final once the next one is there.

    ``drop`` receives the type and id of one that the hospital says is deleted.
    """

    def __init__(self, hospital: Hospital, drop: Callable[[str], None]) -> None:
        self.hospital = hospital
        self.drop = drop
        self.last = ""

    def publish(self, patient: str, count: int) -> None:
        """Create the result of this night, and close the one of the night before."""
        last, self.last = self.last, ""
        if last:
            self.finish(last)
        self.last = self.create(observation(patient, count))

    def create(self, result: dict[str, Any]) -> str:
        """Create a result unless it is there, and return its id: sent twice, it does no harm."""
        identifier = result["identifier"][0]
        once = f"identifier={identifier['system']}|{identifier['value']}"
        headers = {"If-None-Exist": once, "Prefer": "return=representation"}
        answer = self.hospital.send("POST", "Observation", headers=headers, resource=result)
        if answer.status_code not in _CREATED:
            raise HospitalError(f"the result is not taken: {answer.status_code}")
        return str(answer.json()["id"])

    def finish(self, id_: str) -> None:
        """Make a result final over the version just read; when another was faster, read and merge again."""
        for _ in range(UPDATE_TRIES):
            read = self.hospital.send("GET", f"Observation/{id_}")
            if read.status_code in _GONE:
                self.drop(f"Observation/{id_}")
                return
            if read.status_code != 200:
                raise HospitalError(f"the result cannot be read: {read.status_code}")
            merged = {**read.json(), "status": "final"}
            headers = {"If-Match": read.headers["etag"]}
            answer = self.hospital.send("PUT", f"Observation/{id_}", headers=headers, resource=merged)
            if answer.status_code != _LOST_RACE:
                return


def observation(patient: str, count: int) -> dict[str, Any]:
    """Return a result: how many measurements of the patient the study could use tonight."""
    night = datetime.now(UTC).isoformat()
    return {
        "resourceType": "Observation",
        "identifier": [{"system": SYSTEM, "value": f"{patient}-{night}"}],
        "status": "preliminary",
        "code": {"text": "Mesures exploitables pour la recherche"},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": night,
        "valueQuantity": {
            "value": count,
            "unit": "mesures",
            "system": "http://unitsofmeasure.org",
            "code": "{count}",
        },
    }
