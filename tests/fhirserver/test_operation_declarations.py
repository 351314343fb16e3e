"""Operations are declared from the table that runs them."""

from server_hospital import Hospital

from lab.fhirserver.operations.table import BULK_DATA, OPERATIONS
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.subscriptions.declaring import TOPIC_SUBSCRIPTIONS

R4 = "http://hl7.org/fhir/OperationDefinition"
TOPICS = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription"
BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"


def test_each_operation_is_declared_where_it_runs(everything: Hospital) -> None:
    statement = everything.get("/metadata").json
    rest = statement["rest"][0]
    assert statement["instantiates"] == [BULK_DATA, TOPIC_SUBSCRIPTIONS]
    assert rest["operation"] == [{"name": "export", "definition": f"{BULK}/export"}]
    declared = {
        resource["type"]: {(o["name"], o["definition"]) for o in resource["operation"]}
        for resource in rest["resource"]
    }
    validate = ("validate", f"{R4}/Resource-validate")
    assert declared == {type_: {validate} for type_ in served_types("R4")} | {
        "Patient": {
            validate,
            ("everything", f"{R4}/Patient-everything"),
            ("export", f"{BULK}/patient-export"),
        },
        "Encounter": {validate, ("everything", f"{R4}/Encounter-everything")},
        "Observation": {validate, ("lastn", f"{R4}/Observation-lastn")},
        "Group": {validate, ("export", f"{BULK}/group-export")},
        "Subscription": {validate, ("status", f"{TOPICS}-status"), ("events", f"{TOPICS}-events")},
    }


def test_what_is_in_the_table_runs_and_nothing_else(everything: Hospital) -> None:
    names = {operation.name for operation in OPERATIONS}
    exporting = {"$export", "$export-status", "$export-file"}
    assert names == {"$everything", "$validate", "$lastn", "$status", "$events"} | exporting
    for path in ("/$everything", "/Patient/$everything", "/Patient/$lastn", "/Observation/in1-0/$lastn"):
        assert everything.get(path).status == 404
    for path in ("/$graphql", "/Patient/$nothing", "/Patient/in1/$meta", "/Observation/in1-0/$everything"):
        assert everything.get(path).status == 404
    for path in ("/$export-status", "/$export-file", "/$export-status/a/b/c", "/$export/a", "/$validate/a"):
        assert everything.get(path).status == 404
    assert everything.ask("DELETE", "/$export").status == 405
    assert everything.ask("DELETE", "/$export-file/a/0").status == 405
    assert everything.ask("POST", "/$export-status/a").status == 405
