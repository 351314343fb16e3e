"""SMART scopes: read or refused, written as they were read, and an intersection that never widens."""

import pytest
from fuzzing import fuzz
from hypothesis import given
from hypothesis import strategies as st

from lab.fhir.interaction import Interaction
from lab.fhir.scopes import LETTER, ScopeError, Scopes, parse_scopes

TYPES = ("Patient", "Observation", "Encounter")
QUERIES = {
    "Patient": ("gender=male", "gender=female", "birthdate=1980"),
    "Observation": ("category=laboratory", "code=a|b", "category=laboratory&code=a|b"),
    "Encounter": ("status=finished", "class=EMER"),
}
LETTERS = st.lists(st.sampled_from("cruds"), unique=True, min_size=1).map(
    lambda drawn: "".join(letter for letter in "cruds" if letter in drawn)
)
RIGHTS = st.one_of(LETTERS, st.sampled_from(["read", "write", "*"]))


@st.composite
def scope(draw):
    """Draw one scope of the grammar, whole or granular."""
    type_ = draw(st.sampled_from((*TYPES, "*")))
    right = draw(RIGHTS)
    if type_ == "*" or draw(st.booleans()):
        return f"system/{type_}.{right}"
    return f"system/{type_}.{right}?{draw(st.sampled_from(QUERIES[type_]))}"


SCOPES = st.lists(scope(), min_size=1, max_size=5).map(" ".join)
ONE = st.builds("system/{}.{}".format, st.sampled_from((*TYPES, "*")), RIGHTS)
PLAIN = st.lists(ONE, min_size=1, max_size=5).map(" ".join)


def opened(scopes: Scopes) -> set[tuple[str, Interaction, frozenset[str]]]:
    """Return what is open: each interaction on each resource, told by its type and the queries it meets."""
    found = set()
    for type_ in (*TYPES, "Device"):
        queries = QUERIES.get(type_, ())
        for number in range(2 ** len(queries)):
            met = frozenset(query for bit, query in enumerate(queries) if number >> bit & 1)
            for interaction in Interaction:
                cohort = scopes.cohort(type_, interaction)
                if cohort is not None and all(clause & met for clause in cohort.queries):
                    found.add((type_, interaction, met))
    return found


@fuzz
@given(SCOPES)
def test_scopes_are_written_as_they_were_read(text):
    scopes = parse_scopes(text)
    assert scopes
    again = parse_scopes(str(scopes))
    assert again == scopes
    assert str(again) == str(scopes)


@fuzz
@given(st.one_of(st.text(max_size=60), SCOPES.flatmap(lambda text: st.permutations(text).map("".join))))
def test_a_text_is_scopes_or_is_refused(text):
    try:
        scopes = parse_scopes(text)
    except ScopeError:
        return
    assert parse_scopes(str(scopes)) == scopes


@fuzz
@given(SCOPES, SCOPES)
def test_an_intersection_never_widens(one, other):
    asked, registered = parse_scopes(one), parse_scopes(other)
    both = asked.within(registered)
    assert opened(both) <= opened(asked) & opened(registered)
    assert opened(registered.within(asked)) == opened(both)
    assert both.within(registered) == both
    assert both.within(asked) == both


@fuzz
@given(SCOPES)
def test_an_intersection_with_itself_loses_nothing(text):
    scopes = parse_scopes(text)
    assert opened(scopes.within(scopes)) == opened(scopes)


@fuzz
@given(PLAIN, PLAIN)
def test_without_granular_scopes_the_intersection_is_exact(one, other):
    asked, registered = parse_scopes(one), parse_scopes(other)
    assert opened(asked.within(registered)) == opened(asked) & opened(registered)


@fuzz
@given(SCOPES)
def test_more_scopes_never_open_less(text):
    first, *_ = text.split(" ")
    assert opened(parse_scopes(first)) <= opened(parse_scopes(text))


@pytest.mark.parametrize("interaction", sorted(set(Interaction) - LETTER.keys()))
def test_what_has_no_letter_is_opened_by_no_scope(interaction):
    assert not parse_scopes("system/*.cruds").allows("Patient", interaction)
