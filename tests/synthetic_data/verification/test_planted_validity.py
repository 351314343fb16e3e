"""Lines that are not valid FHIR, in ways that digits alone can hide or not."""

import pytest

VALIDATOR = "lab.validation:defects"
LABORATORY, ENCOUNTERS, CONDITIONS = (
    f"{name}.ndjson.zst" for name in ("Observation.laboratory", "Encounter", "Condition")
)


@pytest.fixture
def planted(small, plant):
    return plant(small)


def whats(found):
    assert set(found) == {"validity"}
    return found["validity"]


def test_an_unknown_element_in_one_line(planted, failures):
    planted.change(LABORATORY, lambda one: one.update(colour="blue"))
    (what,) = whats(failures(planted.write(), VALIDATOR))
    assert "unknown-element" in what


def test_an_unknown_element_in_a_whole_shape(planted, failures):
    planted.change(CONDITIONS, lambda one: one.update(colour="blue"), most=1000)
    (what,) = whats(failures(planted.write(), VALIDATOR))
    assert "unknown-element" in what


@pytest.mark.parametrize(
    "date", ["2023-02-29T10:00:00+01:00", "2023-13-01T10:00:00+01:00", "2023-05-05T25:00:00+02:00"]
)
def test_a_day_that_does_not_exist(planted, failures, date):
    planted.change(CONDITIONS, lambda one: one.update(recordedDate=date) if "recordedDate" in one else False)
    assert "date in recordedDate" in whats(failures(planted.write(), None))


def test_a_leap_day_exists_in_leap_years_only(planted, failures):
    planted.change(CONDITIONS, lambda one: one.update(recordedDate="2020-02-29T10:00:00+01:00"))
    assert failures(planted.write()) == {}


def replaced_once(planted, name, old, new, last=False):
    """Change the first line that holds a text, or the last one."""
    found = [(block, row) for block in planted.files[name] for row, line in enumerate(block) if old in line]
    block, row = found[-1 if last else 0]
    block[row] = block[row].replace(old, new, 1)


def test_a_number_that_begins_with_zero(planted, failures):
    replaced_once(
        planted, LABORATORY, b'"valueQuantity":{"value":141,', b'"valueQuantity":{"value":041,', last=True
    )
    assert whats(failures(planted.write())) == ["number in valueQuantity.value"]


def test_a_number_that_begins_with_zero_in_the_first_line_of_its_shape(planted, failures):
    planted.files[LABORATORY][0][0] = planted.files[LABORATORY][0][0].replace(b'"value":', b'"value":0', 1)
    assert failures(planted.write())["validity"] == ["JSON"]


def test_a_code_that_differs_by_its_digits_only(planted, failures, monkeypatch):
    """A validator may know which codes exist: each is shown to it, whatever the shape."""
    monkeypatch.setattr("lab.validation.no_such_code", refuse_codes, raising=False)
    changed = planted.change(LABORATORY, lambda one: one["code"]["coding"][0].update(code="9999-9"))
    assert changed
    assert whats(failures(planted.write(), "lab.validation:no_such_code")) == ["unknown code"]


def refuse_codes(resource):
    return ["unknown code"] if "9999-9" in str(resource.get("code")) else []


def test_an_element_given_twice(planted, failures):
    replaced_once(planted, CONDITIONS, b'{"resourceType"', b'{"id":"x","resourceType"')
    assert "repeated element" in whats(failures(planted.write(), None))


def test_a_line_that_is_no_json(planted, failures):
    replaced_once(planted, CONDITIONS, b'"clinicalStatus":{', b'"clinicalStatus":')
    found = failures(planted.write())
    assert found["validity"] == ["JSON"]


def test_a_line_of_another_type(planted, failures):
    replaced_once(planted, CONDITIONS, b'"resourceType":"Condition"', b'"resourceType":"Goal"')
    assert whats(failures(planted.write())) == ["resourceType"]


def test_a_period_that_ends_before_it_starts(planted, failures):
    planted.change(ENCOUNTERS, lambda one: one["location"][0].update(
        period={"start": "2023-05-05T10:00:00+02:00", "end": "2023-05-05T09:59:00+02:00"}
    ))  # fmt: skip
    assert whats(failures(planted.write())) == ["order of location[0].period.end"]
