"""The searches that the fake hospital answers, strictly: unknown or missing parameters are refused."""

from datetime import datetime

SEARCHES = {
    "Encounter": {"class", "_lastUpdated", "_id"},
    "Patient": {"_id"},
    "PractitionerRole": {"location"},
    "Practitioner": {"_id"},
}


def matches(resource: dict, asked: dict) -> bool:
    """Tell whether a resource is what was asked for."""
    if "_id" in asked and resource["id"] not in asked["_id"].split(","):
        return False
    if "class" in asked and resource.get("class", {}).get("code") != asked["class"]:
        return False
    if "location" in asked:
        places = {place["reference"].rpartition("/")[2] for place in resource["location"]}
        if not places & set(asked["location"].split(",")):
            return False
    since = asked.get("_lastUpdated", "").removeprefix("ge")
    return not since or datetime.fromisoformat(resource["meta"]["lastUpdated"]) >= datetime.fromisoformat(
        since
    )


def outcome(code: str) -> dict:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}
