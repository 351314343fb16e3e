"""The drawing of a pull: one point for each second, faults where they were, holes left open."""

from dataclasses import asdict
from itertools import pairwise

import orjson
import pytest
from puller_traffic import commit

from lab.certification.document import validator
from lab.model.pulling import Aftermath, Instant, Missed
from lab.model.text import Text
from reports.pulling import course, pulled
from reports.words import words

SERIES = (
    Instant(0.0, 1, 0, None, 2),
    Instant(1.0, 3, 2, 0.4, 3),
    Instant(2.0, 4, 4, 0.9, 2),
    Instant(3.0, 6, 4, None, 0),
    Instant(4.0, 7, 7, 1.4, 4),
)
FAULT = Aftermath("unavailable", 2.5, 3.5, None, 1, 3, hot=True, lockstep=False, early=0)


def result(**facts):
    """Return a result as it stands in a run document."""
    usual = {
        "profile": "pull",
        "valid": True,
        "thresholds": [{"expression": "loss == 0", "value": 1.0, "met": False, "samples": 9}],
        "staleness": {"theory_p95": 0.5},
        "series": [asdict(one) for one in SERIES],
        "faults": [asdict(FAULT)],
    }
    return {**usual, **facts}


def test_three_strips_stand_over_one_time_axis():
    drawn = course(result())
    assert [strip.name for strip in drawn.strips] == ["age", "lag", "asked"]
    assert all(above.bottom < below.top for above, below in pairwise(drawn.strips))
    assert [line.name for line in drawn.strips[0].lines] == ["staleness", "theory"]
    assert drawn.times[0].at == drawn.left


def test_a_fault_is_shaded_where_it_was():
    drawn = course(result())
    (shadow,) = drawn.shadows
    width = drawn.right - drawn.left
    assert shadow.left == pytest.approx(drawn.left + width * 2.5 / 4, abs=0.2)
    assert shadow.width == pytest.approx(width / 4, abs=0.2)


def test_a_second_without_news_is_a_hole_and_no_line():
    drawn = course(result())
    assert drawn.strips[0].lines[0].path.count("M") == 2
    assert drawn.strips[1].lines[0].path.count("M") == 1


def test_nothing_recorded_is_nothing_drawn():
    assert course(result(series=[])) is None


def test_an_invalid_run_is_not_judged():
    (sound,), (doubtful,) = pulled([result()]), pulled([result(valid=False)])
    assert (sound["outcome"], doubtful["outcome"]) == ("fail", "skip")
    assert sound["anchor"]


def test_every_name_has_its_words_in_both_languages():
    said = words()
    drawn = course(result())
    names = [name for strip in drawn.strips for name in (strip.name, *(line.name for line in strip.lines))]
    assert all(said["pulling"][name]["fr"] and said["pulling"][name]["en"] for name in names)
    assert set(said["fault"]) == {"unavailable", "throttled", "cut", "down"}


def test_the_published_schema_knows_each_part_of_a_result():
    schema = validator().schema["properties"]["pulls"]["items"]["properties"]
    missed = asdict(Missed("silence", Text("a", "b"), 1, commit(1, 1.0).reference))
    assert set(orjson.loads(orjson.dumps(missed))) == set(schema["missed"]["items"]["properties"])
    assert set(asdict(FAULT)) == set(schema["faults"]["items"]["properties"])
    assert set(asdict(SERIES[0])) == set(schema["series"]["items"]["properties"])
