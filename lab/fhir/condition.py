"""The criteria of a condition, written as R4 says or as the URL of the search that it stands for.

R4 wants ``identifier=a|b`` in ``If-None-Exist``; the HAPI client sends the whole URL, others
the type as well.

Spec: https://hl7.org/fhir/R4/http.html#ccreate
"""


def criteria_of(said: str, type_: str, base_url: str) -> str:
    """Return the query string of a condition on a type; the URL of another server stays as it is."""
    return said.strip().removeprefix(f"{base_url}/").removeprefix(type_).removeprefix("?")
