"""Reads the places of the results in one batch, and looks at the end of each entry by itself.

Spec: https://hl7.org/fhir/R4/http.html#transaction-response
"""

from typing import Any

from entrepot_recherche.hospital import Hospital

PLACES = ("loc-urg-purpan", "loc-urg-rangueil", "loc-bat-h1", "loc-bat-urm")


class Places:
    """``held`` are the places known; ``closed`` those that the hospital does not open to us."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.held: dict[str, dict[str, Any]] = {}
        self.closed: set[str] = set()

    def refresh(self) -> None:
        """Ask for every open place; what had to wait is asked for again next time, alone if need be."""
        asked = self.wanted()
        entries = [{"request": {"method": "GET", "url": f"Location/{one}"}} for one in asked]
        if not entries:
            return
        batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        answer = self.hospital.send("POST", "", resource=batch)
        given = answer.json().get("entry", []) if answer.status_code == 200 else []
        for place, entry in zip(asked, given, strict=False):
            self.note(place, entry)

    def wanted(self) -> list[str]:
        """Return the places to ask for: those not held yet, or all of them when all are held."""
        opened = [place for place in PLACES if place not in self.closed]
        return [place for place in opened if place not in self.held] or opened

    def note(self, place: str, entry: dict[str, Any]) -> None:
        """Keep a place that was given; never ask again for one that was refused or is not there."""
        status = entry.get("response", {}).get("status", "")
        if status.startswith("200"):
            self.held[place] = entry["resource"]
        elif status[:3] in {"403", "404", "410"}:
            self.closed.add(place)
        elif status.startswith("429"):
            self.held.pop(place, None)
