"""What is written through a view: it opens nothing, and does not tell what is outside."""

from server_hospital import (
    BOTH,
    INS,
    INSIDE,
    LOINC,
    UNKNOWN,
    Hospital,
    group,
    member,
    observation,
    patient,
    written,
)

from lab.model.release import Release


@BOTH
def test_conditional_create_is_no_oracle(confined: Hospital) -> None:
    hidden = confined.ask("POST", "/Patient", patient("x"), if_none_exist="identifier=ins-out1")
    unknown = confined.ask("POST", "/Patient", patient("x"), if_none_exist="identifier=ins-unknown")
    visible = confined.ask("POST", "/Patient", patient("x"), if_none_exist="identifier=ins-in1")
    assert hidden.response == unknown.response
    assert (hidden.status, visible.status) == (403, 200)


@BOTH
def test_put_is_no_oracle(confined: Hospital, writable: Hospital) -> None:
    for type_, id_, body in (
        ("Patient", "out1", patient("out1", "Pris")),
        ("Observation", "out1-0", observation("out1-0", "in1")),
        ("Observation", "tie", observation("tie", "in1")),
    ):
        hidden = confined.ask("PUT", f"/{type_}/{id_}", body)
        unknown = confined.ask("PUT", f"/{type_}/{UNKNOWN}", {**body, "id": UNKNOWN})
        assert hidden.response == unknown.response
        assert hidden.status == 404
        assert writable.get(f"/{type_}/{id_}").json["meta"]["versionId"] == "1"


@BOTH
def test_delete_is_no_oracle(confined: Hospital, writable: Hospital) -> None:
    hidden, unknown = confined.ask("DELETE", "/Patient/out1"), confined.ask("DELETE", f"/Patient/{UNKNOWN}")
    assert hidden.response == unknown.response
    assert writable.get("/Patient/out1").status == 200
    assert confined.ask("DELETE", "/Observation/in1-0", if_match='W/"1"').status == 204


@BOTH
def test_conditional_update_is_no_oracle(confined: Hospital, writable: Hospital) -> None:
    body = {k: v for k, v in patient("x").items() if k != "id"}
    hidden = confined.ask("PUT", "/Patient?identifier=ins-out1", body)
    unknown = confined.ask("PUT", "/Patient?identifier=ins-unknown", body)
    assert hidden.response == unknown.response
    assert hidden.status == 403
    assert writable.get("/Patient/out1").json["meta"]["versionId"] == "1"


@BOTH
def test_writes_stay_inside_before_and_after(confined: Hospital, writable: Hospital) -> None:
    outside = confined.ask("POST", "/Observation", observation("x", "out1"))
    nobody = confined.ask("POST", "/Observation", observation("x", UNKNOWN))
    moved = confined.ask("PUT", "/Observation/in1-0", observation("in1-0", "out1"))
    tied = confined.ask(
        "PUT", "/Observation/in1-0", observation("in1-0", "in1", performer=[{"reference": "Patient/out1"}])
    )
    assert outside.response == nobody.response == moved.response == tied.response
    assert outside.status == 403
    assert writable.get("/Observation/in1-0").json["meta"]["versionId"] == "1"
    assert confined.ask("POST", "/Observation", observation("x", "in2")).status == 201
    assert confined.ask("PUT", "/Observation/in1-0", observation("in1-0", "in2")).status == 200


@BOTH
def test_a_confined_client_does_not_write_its_own_cohort(confined: Hospital, release: Release) -> None:
    wider = written(group("oncology", member("in1"), member("out1")), release)
    assert confined.ask("PUT", "/Group/oncology", wider).status == 403
    assert confined.ask("POST", "/Group", wider).status == 403
    assert confined.ask("DELETE", "/Group/oncology").status == 403
    assert confined.ids("/Patient") == sorted(INSIDE)


@BOTH
def test_transactions_run_on_the_view(confined: Hospital, writable: Hospital) -> None:
    def run(*entries: dict[str, object]) -> int:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
        return confined.ask("POST", "/", bundle).status

    new = {"request": {"method": "POST", "url": "Observation"}, "resource": observation("x", "in1", "5-5")}
    assert run(new, {"request": {"method": "GET", "url": "Patient/out1"}}) == 404
    outside = {**new, "resource": observation("x", "out1")}
    assert run(new, outside) == 403
    by_identifier = {**new, "resource": observation("x", "")}
    by_identifier["resource"]["subject"] = {"reference": f"Patient?identifier={INS}|ins-out1"}
    assert run(new, by_identifier) == 412
    assert writable.ids(f"/Observation?code={LOINC}|5-5") == []
    by_identifier["resource"]["subject"] = {"reference": f"Patient?identifier={INS}|ins-in1"}
    assert run(new, by_identifier) == 200
