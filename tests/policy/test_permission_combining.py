"""How rules combine: nothing is open that no permit opens, no denial lapses, imports keep their own terms."""

from dataclasses import replace
from datetime import date

import pytest
from sample_permissions import (
    LIBRARY,
    ONCOLOGY,
    TAGS,
    compiled,
    deny,
    r5,
    r5_data,
    r5_rule,
    r6,
    r6_data,
    r6_rule,
    refusals,
    tag,
)

from lab.fhir.interaction import Interaction
from lab.fhir.permission import NETWORK

READ = (Interaction.READ, "TREAT")
DAY = date(2026, 6, 1)
ALGORITHMS = ("deny-unless-permit", "permit-overrides", "ordered-permit-overrides")
DENY_FIRST = ("deny-overrides", "ordered-deny-overrides")
PERMIT_TAG_1 = r5_rule(data=[r5_data("Patient", security=[tag("TAG_1")])])
DENY_VIP = deny(data=[r5_data("Patient", security=[tag("VIP")])])
PATIENTS = {"no tag": set(), "TAG_1": {"TAG_1"}, "VIP": {"VIP"}, "TAG_1 + VIP": {"TAG_1", "VIP"}}


def served(source):
    """Tell which of the four patients of the published example are read under a Permission."""
    cohort = compiled(source).opened(READ, DAY)["Patient"]
    labels = {name: {f"tag/{TAGS}|{code}" for code in codes} for name, codes in PATIENTS.items()}
    return {
        name
        for name, carried in labels.items()
        if all(carried & clause for clause in cohort.within) and not carried & cohort.without
    }


@pytest.mark.parametrize("combining", [*ALGORITHMS, *DENY_FIRST])
def test_without_a_denial_every_algorithm_that_closes_means_the_same(combining):
    assert served(r5(PERMIT_TAG_1, combining=combining)) == {"TAG_1", "TAG_1 + VIP"}


@pytest.mark.parametrize("combining", DENY_FIRST)
@pytest.mark.parametrize("rules", [(PERMIT_TAG_1, DENY_VIP), (DENY_VIP, PERMIT_TAG_1)])
def test_with_a_denial_only_the_labelled_patient_who_is_not_denied_is_served(combining, rules):
    assert served(r5(*rules, combining=combining)) == {"TAG_1"}


@pytest.mark.parametrize("combining", ALGORITHMS)
def test_an_algorithm_under_which_a_denial_would_not_hold_is_refused(combining):
    text = refusals(r5(PERMIT_TAG_1, DENY_VIP, combining=combining))["Permission.combining"]
    assert "write deny-overrides" in text.en
    assert "écrivez deny-overrides" in text.fr


@pytest.mark.parametrize("rules", [(PERMIT_TAG_1,), (PERMIT_TAG_1, DENY_VIP)])
def test_what_serves_the_patient_whom_no_rule_names_is_refused(rules):
    assert "Permission.combining" in refusals(r5(*rules, combining="permit-unless-deny"))


@pytest.mark.parametrize("combining", ["first-applicable", "", None, 3])
def test_an_unknown_algorithm_is_refused(combining):
    assert "Permission.combining" in refusals(r5(combining=combining))


def test_without_a_rule_nothing_is_said_and_the_permission_is_refused():
    source = r5()
    del source["rule"]
    assert "Permission.rule" in refusals(source)


def test_the_masks_of_every_permit_apply():
    other = r5_rule(data=[r5_data("Patient")])
    policy = compiled(r5(r5_rule(modifierExtension=[r5_rule()["modifierExtension"][0]]), other))
    assert [str(mask) for mask in policy.masks] == [
        "Patient.address",
        "Patient.telecom",
        "Patient.identifier",
    ]


def importing(*references, **more):
    return r6(*({"import": {"reference": reference}} for reference in references), **more)


def library(**permissions):
    return {**LIBRARY, **{f"Permission/{name}": source for name, source in permissions.items()}}


def test_an_import_is_what_its_target_says():
    policy = compiled(importing("Permission/common"), library(common=r6(id="common")))
    written = compiled(r6())
    (permit,) = policy.permits
    assert replace(permit, validity=written.permits[0].validity) == written.permits[0]
    assert policy.networks == written.networks
    assert policy.version != written.version


def test_an_import_holds_only_while_its_target_is_valid():
    target = r6(id="common", validity={"start": "2026-03-01", "end": "2026-03-31"})
    policy = compiled(importing("Permission/common"), library(common=target))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [bool(policy.opened(READ, day)) for day in days] == [False, True, True, False]


def test_an_import_of_an_import_holds_while_both_are_valid():
    outer = importing("Permission/inner", id="outer", validity={"start": "2026-03-10"})
    inner = r6(id="inner", validity={"end": "2026-03-20"})
    policy = compiled(importing("Permission/outer"), library(outer=outer, inner=inner))
    days = [date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 20), date(2026, 3, 21)]
    assert [bool(policy.opened(READ, day)) for day in days] == [False, True, True, False]


def test_the_permits_of_an_inactive_import_are_not_applicable():
    policy = compiled(importing("Permission/common"), library(common=r6(id="common", status="draft")))
    assert policy.permits == ()
    assert policy.networks == ()


def denials(**more):
    rule = deny(data=[{"security": [tag("VIP")]}])
    return r6(rule, **{"id": "never", "combining": "deny-overrides", "validity": {}, **more})


def unlimited(source):
    return {key: value for key, value in source.items() if key != "validity"}


def test_an_imported_denial_takes_away_from_the_permits_of_the_importer():
    source = r6(r6_rule(), {"import": {"reference": "Permission/never"}}, combining="deny-overrides")
    policy = compiled(source, library(never=unlimited(denials())))
    assert policy.opened(READ, DAY)["Patient"].without == {f"tag/{TAGS}|VIP"}


@pytest.mark.parametrize(
    ("combining", "target"),
    [
        ("deny-unless-permit", unlimited(denials())),
        ("deny-overrides", unlimited(denials(status="draft"))),
        ("deny-overrides", denials(validity={"end": "2099-12-31"})),
        ("deny-overrides", denials(validity={"start": "2026-01-01"})),
        ("deny-overrides", unlimited(denials(combining="permit-overrides"))),
    ],
)
def test_an_imported_denial_that_would_not_always_hold_is_refused(combining, target):
    source = r6(r6_rule(), {"import": {"reference": "Permission/never"}}, combining=combining)
    assert refusals(source, library(never=target))


IMPORTS_REFUSED = {
    "missing": ("Permission.rule[0].import", importing("Permission/nowhere"), library()),
    "of another type": ("Permission.rule[0].import", importing("Consent/1"), library()),
    "of another resource": (
        "Permission/a.resourceType",
        importing("Permission/a"),
        library(a={"resourceType": "Consent"}),
    ),
    "of itself": (
        "Permission.rule[0].import",
        importing("Permission/me", id="me"),
        library(me=importing("Permission/me", id="me")),
    ),
    "in a circle": (
        "Permission/b.rule[0].import",
        importing("Permission/a"),
        library(a=importing("Permission/b"), b=importing("Permission/a")),
    ),
    "with a type": (
        "Permission.rule[0].type",
        r6({"import": {"reference": "Permission/a"}, "type": "permit"}),
        library(a=r6()),
    ),
    "with a limit": (
        "Permission.rule[0].limit",
        r6({"import": {"reference": "Permission/a"}, "limit": [{"element": ["Patient.name"]}]}),
        library(a=r6()),
    ),
    "that fails open": (
        "Permission/a.combining",
        importing("Permission/a"),
        library(a=r6(combining="permit-unless-deny")),
    ),
    "that is wrong": (
        "Permission/a.rule[0].data[0].resourceType[0].code",
        importing("Permission/a"),
        library(a=r6(r6_rule(data=[r6_data("Patience")]))),
    ),
    "without end": (
        "Permission/a.rule[31].import",
        importing("Permission/a"),
        library(a=importing(*["Permission/b"] * 40), b=importing(*["Permission/c"] * 1), c=r6()),
    ),
    "from other networks": (
        "Permission.rule",
        r6(r6_rule(), {"import": {"reference": "Permission/a"}}),
        library(
            a=r5(
                r5_rule(
                    modifierExtension=[
                        {"url": NETWORK, "extension": [{"url": "cidr", "valueString": "10.9.0.0/16"}]}
                    ]
                )
            )
        ),
    ),
    "for another application": (
        "Permission/a.rule[0].activity[0].actor",
        importing("Permission/a"),
        library(a=r5(r5_rule(activity=[{**r5_rule()["activity"][0], "actor": [{"reference": "Device/y"}]}]))),
    ),
}


@pytest.mark.parametrize("case", IMPORTS_REFUSED)
def test_an_import_that_cannot_be_followed_is_refused(case):
    where, source, known = IMPORTS_REFUSED[case]
    found = refusals(source, known)
    assert where in found, found


def test_a_form_may_import_the_other_one():
    policy = compiled(
        importing("Permission/a"), library(a=r5(r5_rule(data=[r5_data("Patient", resource=[ONCOLOGY])])))
    )
    assert set(policy.opened(READ, DAY)) == {"Patient"}
