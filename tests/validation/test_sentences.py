"""Every rule and reason has a sentence in both languages, and the walk skips nothing that has a rule."""

import re

import pytest

from lab.model.release import VERSIONS
from lab.validation import base, deep, french, sentences, walk
from lab.validation.fast import schema
from lab.validation.overlay import fr_core
from lab.validation.report import Finding, NotChecked

INVARIANT = re.compile(r"[a-z]+-\d+")


def _rules(node):
    if isinstance(node, dict):
        if isinstance(node.get("rule"), str):
            yield node["rule"]
        for inner in node.values():
            yield from _rules(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _rules(inner)


def test_every_rule_that_is_no_invariant_has_a_sentence():
    of_profiles = {rule for profile in fr_core().profiles for rule in _rules(profile.schema)}
    of_numbers = {f"{n.name}-{what}" for n in french._NUMBERS.values() for what in ("format", "key")}  # noqa: SLF001
    named = base.rules() | of_profiles | of_numbers | {"unknown-element", "format", "required", "type"}
    without = {rule for rule in named if rule not in sentences._RULES}  # noqa: SLF001
    assert all(INVARIANT.fullmatch(rule) for rule in without - {"uncovered-type"})


def test_an_invariant_without_a_sentence_is_cited_by_its_key():
    assert "tim-9" in sentences.about(Finding("Timing", "tim-9")).fr


@pytest.mark.parametrize("profile", fr_core().profiles, ids=lambda profile: profile.name)
def test_what_a_profile_leaves_out_has_a_sentence(profile):
    for item in fr_core().left_out(profile):
        assert sentences.left_out(item).fr != sentences.left_out(item).en


def test_every_kind_and_reason_has_a_sentence():
    for kind in sentences._KINDS:  # noqa: SLF001
        for reason in sentences._REASONS:  # noqa: SLF001
            text = sentences.left_out(NotChecked(kind, "somewhere", reason, "detail"))
            assert "somewhere" in text.fr
            assert "(detail)" in text.en


@pytest.mark.parametrize("release", VERSIONS)
def test_a_type_that_is_skipped_when_nothing_is_inside_has_no_rule_and_no_array_of_primitives(release):
    assert not walk._QUIET & deep._RULES.keys()  # noqa: SLF001
    for name in walk._QUIET:  # noqa: SLF001
        children = walk._children(name, release)  # noqa: SLF001
        for element, value in schema(release)["$defs"][name]["properties"].items():
            assert value.get("type") != "array" or element in children
