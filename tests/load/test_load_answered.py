"""Answers are judged as FHIR, each one counted, and nothing that is said of them holds what they held."""

import json
from collections import Counter
from random import Random

import pytest

from lab.load.answered import ANSWERS_FILE, answers_of, judge_answers
from lab.load.distinct import DEEP_BODIES, read_answers
from lab.load.error import LoadError
from lab.load.soundness import read_soundness, with_soundness
from lab.load.spool import Spool
from lab.load.validating import judge_body
from lab.load.verify import Answer
from synthetic_data import HospitalPlan, generate

NAME = "Zephyrine"  # of a patient: what no result may hold
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": NAME}], "birthDate": "1950-01-02"}
WRONG = PATIENT | {"birthDate": f"le 2 janvier, {NAME}"}
UPSIDE_DOWN = PATIENT | {"address": [{"period": {"start": "2020-01-02", "end": "2019-01-01"}}]}
"""per-1: only the deep path compares two dates."""


def page(*resources):
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def answer(resource, status=200):
    return Answer(status, json.dumps(resource).encode())


def spooled(folder, *generators, room=10**7):
    spools = []
    for number, answers in enumerate(generators):
        spools.append(folder / f"samples-{number}.answers")
        with spools[-1].open("wb") as file:
            spool = Spool(file, 1, room=room)
            for route, one in answers:
                spool.take(route, "Patient/p1", one)
            spool.flush()
    return spools


def judged(folder, *generators, seed=1, room=10**7):
    spools = spooled(folder, *generators, room=room)
    judge_answers(spools, folder, seed)
    assert not any(spool.exists() for spool in spools)
    return answers_of(folder)


def said(answers):
    return {(one.route, one.where, one.rule, one.answers, one.distinct, one.deep) for one in answers.wrong}


def test_right_answers_are_all_judged_and_none_is_wrong(tmp_path):
    right = [("read", answer(PATIENT)), ("search", answer(page(PATIENT)))]
    found = judged(tmp_path, right * 10)
    assert (found.answers, found.judged, found.distinct, found.deep, found.invalid) == (20, 20, 2, 2, 0)
    assert (found.unjudged, found.wrong, found.more) == ((), (), 0)
    assert not (tmp_path / "wrong-answers").exists()


def test_a_wrong_element_is_named_by_the_resource_that_holds_it_and_its_value_never(tmp_path):
    wrong = ("search", answer(page(PATIENT, WRONG)))
    found = judged(tmp_path, [("search", answer(page(PATIENT)))] * 5 + [wrong] * 3)
    assert found.invalid == 3
    assert said(found) == {("search", "Patient.birthDate", "format", 3, 1, False)}
    assert NAME not in (tmp_path / ANSWERS_FILE).read_text()
    kept = {file.name: file.read_text() for file in (tmp_path / "wrong-answers").iterdir()}
    assert kept.pop("requests.txt") == "search-1.json: Patient/p1 answered 200\n"
    assert json.loads(kept.pop("search-1.json")) == page(PATIENT, WRONG)
    assert not kept


def test_what_a_schema_cannot_say_is_found_by_the_deep_path(tmp_path):
    found = judged(tmp_path, [("read", answer(UPSIDE_DOWN)), ("read", answer(PATIENT))])
    assert said(found) == {("read", "Patient.address.period", "per-1", 1, 1, True)}
    assert (found.invalid, found.deep) == (1, 2)


def test_the_deep_sample_is_bounded_by_route_and_holds_the_rare_one(tmp_path):
    many = [("search", answer(PATIENT | {"id": f"p{number}"})) for number in range(4 * DEEP_BODIES)]
    found = judged(tmp_path, [*many, ("rare", answer(UPSIDE_DOWN))])
    assert {row.name: row.deep for row in found.routes} == {"search": DEEP_BODIES, "rare": 1}
    assert {one.route for one in found.wrong} == {"rare"}


def test_the_sample_depends_on_the_seed_and_neither_on_order_nor_on_who_asked(tmp_path):
    many = [("search", answer(PATIENT | {"id": f"p{number}"})) for number in range(300)]

    def sample(name, seed, *generators):
        (tmp_path / name).mkdir()
        read = read_answers(spooled(tmp_path / name, *generators), seed)
        return {one.body.digest for one in read.distinct.values() if one.deep}

    first = sample("a", 1, many)
    assert first == sample("b", 1, many[::-1])
    assert first == sample("c", 1, many[:200], many[100:])
    assert first != sample("d", 2, many)


def test_several_generators_are_added_up(tmp_path):
    wrong = ("read", answer(WRONG))
    found = judged(tmp_path, [("read", answer(PATIENT)), wrong], [wrong, wrong], [])
    assert (found.answers, found.distinct, found.invalid) == (4, 2, 3)
    assert said(found) == {("read", "Patient.birthDate", "format", 3, 1, False)}


def test_what_is_not_judged_is_counted_and_says_why(tmp_path):
    html = Answer(403, b"<html>no</html>")
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
    many = [("page", answer(PATIENT | {"id": f"p{number}"})) for number in range(200)]
    found = judged(tmp_path, [("denied", html)] * 2 + [("denied", answer(outcome, 403))] + many, room=3_000)
    why = {one.reason.en: one.answers for one in found.unjudged}
    assert why.pop("refusals or errors that are not said in FHIR") == 2
    ((reason, left),) = why.items()
    assert reason.startswith("beyond the room")
    assert found.answers == 203
    assert found.judged == 203 - 2 - left
    assert 150 < left < 200
    assert found.invalid == 0


@pytest.mark.parametrize(
    ("content", "status", "rules"),
    [
        (b"<html>", 200, {"not-fhir"}),
        (b"[]", 200, {"not-fhir"}),
        (b'{"a": 1}', 201, {"not-fhir"}),
        (b'{"resourceType": 3}', 200, {"not-fhir"}),
        (b"<html>", 503, set()),
        (b'{"resourceType": "Bundle"}', 404, {"required"}),
        (b'{"resourceType": "Nonsense"}', 200, {"unknown-type"}),
        (b'{"resourceType": "Patient", "\xff": 1}', 200, {"not-fhir"}),
    ],
)
def test_whatever_is_answered_is_judged_without_a_traceback(content, status, rules):
    for deep in (False, True):
        assert {one.rule for one in judge_body(content, status, deep=deep).wrong} >= rules
    assert bool(judge_body(content, status).wrong) == bool(rules)


JUNK = (None, True, -1, 1e300, "", [], {}, [None], [[]], {"resourceType": 5}, {"reference": "#"}, {"url": 3})


def places(node):
    """Yield every (container, key) of JSON data."""
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from places(node[key])


def test_no_answer_however_broken_stops_the_judgement():
    random = Random(5)  # noqa: S311 - no secret
    whole = [one for number, one in enumerate(generate(HospitalPlan(seed=1, patients=3))) if number % 60 == 0]
    wrong = 0
    for _ in range(400):
        broken = json.loads(json.dumps(page(random.choice(whole))))
        for _ in range(random.randint(1, 3)):
            node, key = random.choice(list(places(broken)))
            node[key] = json.loads(json.dumps(random.choice(JUNK)))
        wrong += bool(judge_body(json.dumps(broken).encode(), 200, deep=True).wrong)
    assert wrong > 300


def test_made_up_elements_without_end_give_a_result_of_bounded_length(tmp_path):
    letters = [f"{chr(97 + a)}{chr(97 + b)}" for a in range(26) for b in range(26)]
    many = [("read", answer(PATIENT | {f"x{name}": 1})) for name in letters]
    found = judged(tmp_path, many)
    assert (len(found.wrong), found.more, found.invalid) == (50, 626, 676)
    assert len(list((tmp_path / "wrong-answers").iterdir())) == 20 + 1


def test_what_was_judged_is_read_as_it_was_written_and_damage_is_one_sentence(tmp_path):
    judged(tmp_path, [("read", answer(WRONG)), ("denied", Answer(403, b"no"))])
    kinds = Counter(json.loads(line)["kind"] for line in (tmp_path / ANSWERS_FILE).read_text().splitlines())
    assert kinds == {"answers": 1, "routes": 2, "unjudged": 1, "wrong": 1}
    text = (tmp_path / ANSWERS_FILE).read_text()
    for damage in ("", text[: len(text) // 2], text.replace('"route"', '"rote"'), "[]", "{}"):
        (tmp_path / ANSWERS_FILE).write_text(damage)
        with pytest.raises(LoadError, match="does not say what the answers were worth"):
            answers_of(tmp_path)


def test_thresholds_count_or_share_and_without_answers_are_not_met(tmp_path):
    found = judged(tmp_path, [("read", answer(PATIENT))] * 199 + [("poll", answer(WRONG))])
    for expression, value, met, samples in (
        ("invalid == 0", 1, False, 200),
        ("read: invalid == 0", 0, True, 199),
        ("poll: invalid == 0", 1, False, 1),
        ("invalid < 1%", 0.5, True, 200),
        ("invalid < 0.5%", 0.5, False, 200),
        ("search: invalid == 0", None, False, 0),
    ):
        threshold = read_soundness(expression).judge(found)
        assert (threshold.value, threshold.met, threshold.samples) == (value, met, samples)
    assert not read_soundness("invalid == 0").judge(None).met
    assert read_soundness("leaks == 0") is None
    assert with_soundness(("leaks == 0",)) == ("leaks == 0", "invalid == 0")
    assert with_soundness(("invalid < 1%",)) == ("invalid < 1%",)
