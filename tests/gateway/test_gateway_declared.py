"""What a client with masks is told that it may search by is what it is not refused."""


def parameters(answer, type_):
    (found,) = [r for r in answer.json()["rest"][0]["resource"] if r["type"] == type_]
    return {one["name"] for one in found["searchParam"]}


def test_masked_parameters_are_not_declared_to_who_may_not_use_them(callers):
    full, masked = (callers[name].get("metadata") for name in ("full", "masked"))
    lost = parameters(full, "Patient") - parameters(masked, "Patient")
    assert {"address", "address-city", "telecom", "phone", "email"} <= lost
    assert {"family", "given", "birthdate", "gender"} <= parameters(masked, "Patient")
    assert "encounter" in parameters(full, "Observation") - parameters(masked, "Observation")


def test_each_parameter_that_is_declared_is_served_and_each_that_is_not_is_refused(callers):
    full, masked = (callers[name].get("metadata") for name in ("full", "masked"))
    every, told = parameters(full, "Patient"), parameters(masked, "Patient")
    for name in sorted(every - told):
        assert callers["masked"].get(f"Patient?{name}=x").status_code == 400, name
    for name in ("family", "gender", "identifier"):
        value = "urn:oid:1.2.250.1.71.4.2.7|x" if name == "identifier" else "x"
        assert name in told
        assert callers["masked"].get(f"Patient?{name}={value}").status_code == 200, name


def test_nobody_in_particular_is_told_everything(callers):
    anonymous = callers["masked"].request("GET", "metadata", headers={"Authorization": ""})
    wrong = callers["masked"].request("GET", "metadata", headers={"Authorization": "Bearer no-such"})
    assert anonymous.json() == wrong.json() == callers["full"].get("metadata").json()


def test_writes_by_criteria_are_declared_to_nobody_as_they_are_refused_to_all(callers):
    for name in ("full", "masked"):
        for resource in callers[name].get("metadata").json()["rest"][0]["resource"]:
            assert resource["conditionalUpdate"] is False
            assert resource["conditionalDelete"] == "not-supported"
    assert callers["full"].request("DELETE", "Patient?identifier=x").status_code == 403
