"""Checks of the vendor: what only the vendor can know of its board. No part of the laboratory's verdict."""

from collections.abc import Sequence

from lab.api import CLIENT, SERVER, SHOULD, Exchange, Expect, FhirClient, Text, check


@check(
    "OWN-01",
    role=SERVER,
    title=Text(fr="Tout séjour affiché a un lieu", en="Every stay on the board has a place"),
    failure=Text(fr="Un séjour exposé n'a pas de lieu.", en="A stay that is exposed has no place."),
    remedy=Text(
        fr="N'exposer un séjour qu'une fois son lieu lu.", en="Expose a stay only once its place was read."
    ),
)
def every_stay_has_a_place(fhir: FhirClient, expect: Expect) -> None:
    """Read the stays of the facade and look for their location."""
    found = fhir.search("Encounter", {"status": "in-progress"}, _count=50)
    expect.status(found, 200)
    stays = [entry["resource"] for entry in found.resource.get("entry", [])]
    if not stays:
        expect.skip("Aucun séjour en cours sur le tableau.", "No current stay on the board.")
    without = sum(not stay.get("location") for stay in stays)
    expect.that(
        without == 0, expected="a place for each", seen=f"{without} of {len(stays)} without", evidence=[found]
    )


@check(
    "OWN-02",
    role=CLIENT,
    expectation=SHOULD,
    title=Text(fr="Seulement les urgences", en="The emergency department alone"),
    failure=Text(
        fr="Une recherche de séjours ne se limite pas aux urgences.",
        en="A search of stays is not limited to the emergency department.",
    ),
    remedy=Text(fr="Chercher par class=EMER.", en="Search by class=EMER."),
)
def emergencies_alone(journal: Sequence[Exchange], expect: Expect) -> None:
    """Every poll of stays names the class EMER; page links are the hospital's own."""
    asked = [e for e in journal if "/Encounter?" in e.url and "_lastUpdated=" in e.url]
    if not asked:
        expect.skip("Aucune recherche de séjours n'a été vue.", "No search of stays was seen.")
    wide = [e for e in asked if "class=" not in e.url or "EMER" not in e.url]
    expect.should(
        not wide, expected="class=EMER in each", seen=f"{len(wide)} of {len(asked)} without", evidence=[]
    )
