"""What a plan tells its child of an application is what the child registers, its library included."""

from dataclasses import replace
from datetime import date

import pytest

from lab.fhir.interaction import Interaction
from lab.fhir.permission_form import permission
from lab.fhir.policy import PolicyError
from lab.sandbox.plan import Client, SandboxPlan
from lab.sandbox.registering import admission

IMPORTED = permission("app", {"Patient": ("g",)}, ("read",))
OWN = {
    "resourceType": "Permission",
    "resourceDefinition": "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0",
    "id": "own",
    "status": "active",
    "combining": "deny-unless-permit",
    "rule": [{"import": {"reference": "Permission/app-permission"}}],
}
CLIENT = Client("app", {"keys": []}, "system/Patient.r", OWN, library={"Permission/app-permission": IMPORTED})
PLAN = SandboxPlan(1, 1, "", "", "", "", clients=(CLIENT,))


def test_an_imported_rule_is_registered():
    registry = admission(SandboxPlan.from_line(PLAN.to_line())).registry
    policy = registry.get("app").policy
    (cohort,) = policy.opened((Interaction.READ, "TREAT"), date.max).values()
    assert cohort.pools == {"Group/g"}


def test_a_permission_without_its_library_is_refused():
    alone = replace(PLAN, clients=(replace(CLIENT, library={}),))
    with pytest.raises(PolicyError, match="not in the library"):
        admission(alone)
