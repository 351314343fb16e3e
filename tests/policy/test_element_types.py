"""What R4 says of elements, as shipped: where it comes from, and that another reading of R4 agrees."""

import gzip
from importlib.resources import files

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from lab.fhir.element_types import elements_along, has_element, resource_types
from tools.definitions import source


def test_the_artefact_names_its_source():
    data = (files("lab.fhir") / "data" / "r4.element-types.json.gz").read_bytes()
    origin = orjson.loads(gzip.decompress(data))["source"]
    assert origin["package"] == source.PACKAGE
    assert origin["version"] == source.VERSION
    assert origin["sha256"] == source.SHA256


def test_the_types_are_the_146_of_r4():
    assert len(resource_types()) == 146
    assert {"Patient", "MedicinalProduct", "Group", "List"} <= resource_types()
    assert not {"HumanName", "DomainResource", "Citation", "Permission"} & resource_types()


@pytest.mark.parametrize("type_", ["Patient", "Observation", "Encounter", "ImagingStudy", "Questionnaire"])
def test_a_type_has_the_elements_that_fhir_resources_gives_it(type_):
    fields = get_fhir_model_class(type_).model_fields
    names = {field.alias or name for name, field in fields.items()} - {"resourceType", "fhir_comments"}
    for name in {name for name in names if not name.startswith("_")}:
        chosen = [name[:end] for end in range(1, len(name)) if name[end].isupper()]
        assert any(elements_along(type_, (one,)) for one in (name, *chosen)), name


def test_what_is_said_of_an_element():
    identifier, system = elements_along("Patient", ("identifier", "system"))
    assert (identifier.types, identifier.repeats, identifier.required) == (("Identifier",), True, False)
    assert (system.types, system.repeats, system.choice) == (("uri",), False, False)
    (value,) = elements_along("Observation", ("value",))
    assert value.choice
    assert "Quantity" in value.types
    (status,) = elements_along("Observation", ("status",))
    assert status.required
    assert elements_along("Patient", ("identifier", "sistem")) == ()
    assert elements_along("HumanName", ("family",)) == ()
    assert has_element("ContactPoint", "system")
    assert not has_element("HumanName", "system")
