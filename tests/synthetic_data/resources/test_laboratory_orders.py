"""Each sample: one order, one specimen, one report that holds all its results, at possible times."""

from collections import Counter

import pytest
from care_hospital import bounds, diagnosis, encounter, instant, loinc, named, target

from synthetic_data.tables import table

PANELS = {row["bilan"]: set(row["analyses"].split()) for row in table("bilans")}


def results(report):
    return [target(one) for one in report["result"]]


def test_a_report_an_order_and_a_specimen_go_together_one_by_one():
    reports = named("labrep")
    assert len(reports) == len(named("laborder")) == len(named("spec"))
    assert len({report["basedOn"][0]["reference"] for report in reports}) == len(reports)
    assert len({report["specimen"][0]["reference"] for report in reports}) == len(reports)
    assert all(target(report["specimen"][0])["request"] == report["basedOn"] for report in reports)


def test_every_result_is_in_one_report_in_order_and_points_to_the_same_order_and_specimen():
    listed = []
    for report in named("labrep"):
        listed += [one["id"] for one in results(report)]
        for one in results(report):
            assert one["basedOn"] == report["basedOn"]
            assert one["specimen"] == report["specimen"][0]
            assert one["encounter"] == report["encounter"]
            assert one["issued"] == report["issued"]
            assert one["effectiveDateTime"] == report["effectiveDateTime"]
    assert sorted(listed) == sorted(one["id"] for one in named("obs"))
    assert listed == sorted(listed)


def test_ordered_taken_received_issued_in_that_order_and_inside_the_encounter():
    for report in named("labrep"):
        order, specimen = target(report["basedOn"][0]), target(report["specimen"][0])
        start, end = bounds(encounter(report))
        taken = instant(specimen["collection"]["collectedDateTime"])
        assert start <= instant(order["authoredOn"]) <= taken <= end
        assert taken <= instant(specimen["receivedTime"]) <= instant(report["issued"])
        assert instant(report["effectiveDateTime"]) == taken


def test_the_doctor_in_charge_orders_for_the_reason_of_the_visit():
    for order in named("laborder"):
        visited = encounter(order)
        in_charge = visited["participant"][0]
        assert in_charge["type"][0]["coding"][0]["code"] == "ATND"
        assert order["requester"] == in_charge["individual"]
        if visited["class"]["code"] != "EMER":
            assert diagnosis(order) == diagnosis(visited)


def test_panels_explain_every_test_and_each_panel_is_needed():
    for report in named("labrep"):
        asked = target(report["basedOn"][0])["code"]["text"].split(", ")
        tests = {loinc(one) for one in results(report)}
        assert tests <= set().union(*(PANELS[name] for name in asked))
        assert all(PANELS[name] & tests for name in asked)


def test_a_panel_for_a_disease_is_ordered_in_that_disease():
    diabetic = {
        one["subject"]["reference"]
        for one in named("cond")
        if loinc(one).startswith(("E10", "E11"))
        and one["category"][0]["coding"][0]["code"] == "problem-list-item"
    }
    asked = [one for one in named("laborder") if "Suivi du diabète" in one["code"]["text"].split(", ")]
    assert len(asked) > 10
    known = [one["subject"]["reference"] in diabetic or diagnosis(one) == "O24.4" for one in asked]
    assert all(known)


def test_the_specimen_is_what_most_tests_need():
    needs = {test: row["nature"] for row in table("prelevements") for test in row["analyses"].split()}
    kinds = Counter()
    for report in named("labrep"):
        wanted = Counter(needs.get(loinc(one), "Sang veineux") for one in results(report))
        nature = target(report["specimen"][0])["type"]["text"]
        assert wanted[nature] == max(wanted.values())
        kinds[nature] += 1
    assert kinds["Sang veineux"] > kinds["Sang artériel"] > 0


def test_a_conclusion_is_written_when_something_is_out_of_range_and_only_then():
    for report in named("labrep"):
        rated = [one for one in results(report) if "interpretation" in one]
        ratings = {one["interpretation"][0]["coding"][0]["code"] for one in rated}
        if ratings & {"L", "H"}:
            assert "conclusion" in report
        elif "POS" not in ratings:
            assert "conclusion" not in report


@pytest.mark.parametrize(
    ("conclusion", "test", "rating"),
    [("Anémie.", "718-7", "L"), ("Syndrome inflammatoire.", "1988-5", "H"), ("Hyponatrémie.", "2951-2", "L")],
)
def test_a_conclusion_says_what_the_results_show(conclusion: str, test: str, rating: str):
    reports = [one for one in named("labrep") if one.get("conclusion") == conclusion]
    assert reports
    for report in reports:
        ratings = {loinc(one): one.get("interpretation") for one in results(report)}
        assert ratings[test][0]["coding"][0]["code"] == rating
