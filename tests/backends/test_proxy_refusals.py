"""What is not on the list of what is passed on is refused, the same whatever the data, and never sent."""

import pytest

REFUSED = {
    "_filter=gender eq male": 400,
    "_text=x": 400,
    "_list=1": 400,
    "_query=x": 400,
    "unheard-of=1": 400,
    "name:unheard-of=1": 400,
    "identifier:in=ValueSet/1": 400,
    "gender=": 400,
    "_elements=gender": 400,
    "_summary=true": 400,
    "_include=*": 400,
    "_revinclude=Observation:*": 400,
    "_include=Patient:organization&_include:unheard-of=Patient:organization": 400,
    "_sort=organization.name": 400,
    "_count=-1": 400,
    "_count=1&_count=2": 400,
    "_has:Observation:unheard-of:code=1": 400,
    "organization.unheard-of=1": 400,
    "_contained=true": 400,
    "_score=1": 400,
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_not_on_the_list_is_not_passed_on(client, liar, query):
    before = len([name for name, _ in liar.asked if "_search" in name])
    assert client.get(f"Patient?{query.replace(' ', '%20')}").status == REFUSED[query]
    assert len([name for name, _ in liar.asked if "_search" in name]) == before


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "Encounter/e/$everything"),
        ("GET", "Patient/$everything"),
        ("GET", "$export"),
        ("POST", "Patient/$validate"),
        ("GET", "Patient/_history"),
        ("GET", "_history"),
        ("GET", "?_type=Patient"),
        ("DELETE", "Patient?gender=male"),
        ("PUT", "Patient?gender=male"),
        ("PATCH", "Patient/p0"),
        ("POST", ""),
    ],
)
def test_what_cannot_be_narrowed_gets_one_refusal_and_is_never_sent(client, liar, method, url):
    transaction = {"resourceType": "Bundle", "type": "transaction", "entry": []}
    answer = client.ask(method, url, None if method == "GET" else transaction)
    assert answer.status == 403
    assert "cannot answer that request for a confined application" in answer.response.body.decode()
    assert not [name for name, _ in liar.asked if not name.startswith("GET /Group/")]
