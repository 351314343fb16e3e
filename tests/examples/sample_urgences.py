"""Invented emergency patients at two sites, with what breaks boards: masks, hostile strings, moves."""

from tableau_urgences.fhir import ABSENT_REASON

PURPAN, RANGUEIL = "loc-urg-purpan", "loc-urg-rangueil"
HOSTILE = "<script>alert('x')</script>"
_MASKED = {"extension": [{"url": ABSENT_REASON, "valueCode": "masked"}]}


def patient(number: int, family: str = "", gender: str = "female", born: str = "1980-05-17") -> dict:
    return {
        "resourceType": "Patient",
        "id": f"pat-{number:06}",
        "text": {"status": "generated", "div": f"<div>{family}</div>"},
        "identifier": [{"system": "https://chu.example/ipp", "value": f"IPP{number}"}],
        "name": [{"use": "official", "family": family or f"Martin{number}", "given": ["Zoé", "Léa"]}],
        "gender": gender,
        "birthDate": born,
    }


def masked_patient(number: int) -> dict:
    return {
        "resourceType": "Patient",
        "id": f"pat-{number:06}",
        "meta": {"tag": [{"code": "SUBSETTED"}]},
        "name": [_MASKED],
        "_birthDate": _MASKED,
    }


def encounter(
    number: int, patient_number: int, place: str = PURPAN, status: str = "in-progress", **more
) -> dict:
    return {
        "resourceType": "Encounter",
        "id": f"enc-{number:06}",
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": f"Patient/pat-{patient_number:06}", "display": f"Martin{patient_number}"},
        "participant": [{"individual": {"reference": "Practitioner/prat-1"}}],
        "period": {"start": f"2023-06-15T{number % 24:02}:30:00+02:00"},
        "reasonCode": [{"text": "Traumatisme crânien"}],
        "location": [{"location": {"reference": f"Location/{place}"}}],
        **more,
    }


def staff() -> list[dict]:
    return [
        {"resourceType": "Location", "id": PURPAN, "name": "Urgences Purpan"},
        {"resourceType": "Location", "id": RANGUEIL, "name": "Urgences Rangueil"},
        {
            "resourceType": "Practitioner",
            "id": "prat-1",
            "name": [{"family": "Dupuy", "given": ["Anne"]}],
        },
        {
            "resourceType": "PractitionerRole",
            "id": "role-1",
            "practitioner": {"reference": "Practitioner/prat-1"},
            "code": [{"text": "Urgentiste"}],
            "location": [{"reference": f"Location/{PURPAN}"}],
        },
    ]


def department() -> list[dict]:
    """Six patients at Purpan, three at Rangueil, one of them moved there from Purpan."""
    people = [
        patient(n, gender="male" if n % 2 else "female", born=f"19{50 + n}-0{n}-12") for n in range(1, 10)
    ]
    visits = [encounter(n, n, PURPAN if n <= 6 else RANGUEIL) for n in range(1, 10)]
    visits.append(encounter(10, 6, PURPAN, status="finished"))
    visits.append(encounter(11, 6, RANGUEIL))
    return [*people, *visits, *staff()]
