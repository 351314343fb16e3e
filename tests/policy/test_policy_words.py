"""Every interaction, and every reason that the gateway gives, has its French."""

import ast
from collections.abc import Iterator
from datetime import date

import pytest
from sample_permissions import ONCOLOGY, compiled, concept, deny, r5, r5_data, r5_rule, tag

from lab.fhir.cohort import Cohort
from lab.fhir.interaction import Interaction
from lab.fhir.permission.activities import ACTIONS, PURPOSES
from lab.policy import words
from lab.policy.description import describe
from lab.policy.reasons import in_both

VIP = "what carries the label VIP (http://example.org/fhir/ValueSet/local-tags)"
DECIDING = ("level1_network", "level3_resource_type", "level4_cohort", "level5_attributes", "ruling")


def test_every_interaction_has_its_words():
    assert set(words.INTERACTIONS) == set(Interaction)
    assert set(words.PURPOSES) <= words.PURPOSE_CODES


def given_reasons(checkout) -> Iterator[str]:
    """Yield every reason that the levels are written to give, with ``x`` for what varies."""
    for name in DECIDING:
        tree = ast.parse((checkout / "lab" / "gateway" / f"{name}.py").read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") not in {"refuse", "Decision"}:
                continue
            named = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
            reason = named[0] if named else call.args[-1]
            if isinstance(reason, ast.Constant):
                yield reason.value
            elif isinstance(reason, ast.JoinedStr):
                yield "".join(p.value if isinstance(p, ast.Constant) else "x" for p in reason.values)


def test_every_reason_of_the_gateway_is_said_in_french(checkout):
    reasons = set(given_reasons(checkout))
    assert len(reasons) > 12
    unsaid = [reason for reason in reasons if in_both(reason).fr == reason]
    assert unsaid == [], "add a row to lab/policy/reasons.py"


def test_an_unknown_reason_stays_as_the_journal_has_it():
    assert in_both("an unheard reason").fr == "an unheard reason"


def test_a_cohort_is_said_with_its_clauses_and_what_it_leaves_out():
    cohort = Cohort(
        (frozenset({"Group/a", "List/b"}), frozenset({"tag/urn:s|C"})),
        frozenset({"Group/z"}),
        (frozenset({"category=laboratory"}),),
    )
    said = words.cohort(cohort)
    assert said.en == (
        "what is about the patients of the group a or what is about the patients of the list b, "
        "what carries the label C (urn:s) and at once what category=laboratory finds (scope), "
        "except what is about the patients of the group z"
    )
    assert said.fr.endswith("sauf ce qui concerne les patients du groupe z")


def described(source, title):
    sections = describe(compiled(source), "app-x", date(2026, 6, 1))
    return [line.en for section in sections for line in section.lines if section.title.en == title]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (deny(), "in every type: all resources"),
        (
            deny(data=[{"resource": [ONCOLOGY]}, {"security": [tag("VIP")]}]),
            f"in every type: what is about the patients of the group oncology and {VIP}",
        ),
        (
            deny(data=[r5_data("Patient")], activity=[{"action": [concept(ACTIONS, "read")]}]),
            "in Patient: all resources, to read (read), for treatment (TREAT)",
        ),
        (
            deny(activity=[{"purpose": [concept(PURPOSES, "HRESCH")]}]),
            "in every type: all resources, for research (HRESCH)",
        ),
    ],
)
def test_a_denial_is_said(rule, said):
    assert described(r5(r5_rule(), rule, combining="deny-overrides"), "What is never given")[0] == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "draft"}, "never: its status is not active"),
        ({"validity": {"end": "2026-01-01"}}, "until 2026-01-01 included: not in force on 2026-06-01"),
        ({"validity": {"start": "2026-01-01"}}, "from 2026-01-01 on: in force on 2026-06-01"),
    ],
)
def test_when_it_holds_is_said(changed, said):
    assert described(r5(**changed), "When") == [said]
