"""A mask on one component of a composite parameter refuses the composite."""

import pytest

from lab.fhir.element_path import parse_path
from lab.fhir.request import parse
from lab.gateway import level5_attributes

BASE = "http://hospital.test/fhir"


@pytest.mark.parametrize(
    ("path", "query", "mask", "allow"),
    [
        ("Observation", "code-value-quantity=718-7$gt5", "Observation.value", False),
        ("Observation", "code-value-quantity=718-7$gt5", "Observation.code", False),
        ("Observation", "code-value-quantity=718-7$gt5", "Observation.component", True),
        ("Observation", "combo-code-value-quantity=718-7$gt5", "Observation.component.value", False),
        ("Observation", "combo-code-value-quantity=718-7$gt5", "Observation.value", False),
        ("Patient", "_has:Observation:patient:code-value-quantity=718-7$gt5", "Observation.value", False),
        ("Group", "characteristic-value=a$b", "Group.characteristic.value", False),
        # the system named first is that of the other component
        (
            "Group",
            "characteristic-value=urn:open|a$urn:secret|b",
            "Group.characteristic.value.where(system in ('urn:secret'))",
            False,
        ),
    ],
)
def test_a_composite_reads_all_of_its_components(path: str, query: str, mask: str, allow: bool) -> None:  # noqa: FBT001
    request = parse("GET", f"/{path}", query, {}, b"", base_url=BASE)
    assert level5_attributes.decide(request, [parse_path(mask)]).allow is allow
