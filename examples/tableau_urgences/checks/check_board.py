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
    title=Text(fr="Les lieux sont lus une fois", en="Places are read once"),
    failure=Text(fr="Un même lieu est lu plusieurs fois.", en="The same place is read several times."),
    remedy=Text(
        fr="Garder les lieux lus : ils ne changent guère.", en="Keep places once read: they hardly change."
    ),
)
def places_are_read_once(journal: Sequence[Exchange], expect: Expect) -> None:
    """Count the reads of each Location that were answered."""
    read = [e for e in journal if e.method == "GET" and "/Location/" in e.url and e.status == 200]
    if not read:
        expect.skip("Aucun lieu n'a été lu par son id.", "No place was read by its id.")
    again = len(read) - len({e.url for e in read})
    expect.should(
        again == 0, expected="each place once", seen=f"{again} reads again", evidence=[e.id for e in read]
    )
