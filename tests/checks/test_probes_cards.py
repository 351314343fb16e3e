"""Every probe has a whole card, rests on the catalogue of probes, and has a mutant that it notices."""

from pathlib import Path

import pytest
from probes_bench import probes

from lab.checking.declare import card_of
from lab.model.words import Role
from lab.requirements.load import requirements
from lab.selftest.mutant import find_mutants

CARDS = {id_: card_of(function) for id_, function in probes().items()}
MUTANTS = find_mutants(Path(__file__).parents[1] / "mutants")
FROM_THE_JOURNAL = {"K-02", "K-05", "L3-22"}


def test_there_are_probes_of_every_level():
    assert {card.level for card in CARDS.values()} == {1, 2, 3, 4, 5}
    assert len(CARDS) >= 34


@pytest.mark.parametrize("id_", CARDS)
def test_the_card_says_everything_in_both_languages(id_):
    card = CARDS[id_]
    for text in (card.title, card.failure, card.remedy):
        assert text.fr.strip()
        assert text.en.strip()
        assert text.fr != text.en
    for sentence in (card.failure, card.remedy):
        assert sentence.fr.endswith(".")
        assert sentence.en.endswith(".")


@pytest.mark.parametrize("id_", CARDS)
def test_the_probe_rests_on_the_row_of_its_own_id(id_):
    card = CARDS[id_]
    assert card.requirements == (f"five-levels@{id_}",)
    assert requirements()[card.requirements[0]].expectation is card.expectation
    assert not requirements()[card.requirements[0]].not_tested_reason
    if id_.startswith("L"):
        assert card.level == int(id_[1])


def test_what_no_probe_attacks_says_why():
    ours = {id_: row for id_, row in requirements().items() if id_.startswith("five-levels@")}
    tested = {f"five-levels@{id_}" for id_ in CARDS}
    assert {id_ for id_, row in ours.items() if not row.not_tested_reason} == tested


@pytest.mark.parametrize("id_", sorted(CARDS.keys() - FROM_THE_JOURNAL))
def test_the_probe_has_a_mutant_of_the_platform(id_):
    assert [mutant.name for mutant in MUTANTS if mutant.killed_by == id_ and mutant.kind == "platform"]


@pytest.mark.parametrize("id_", CARDS)
def test_the_probe_asks_for_the_personas_of_its_role(id_):
    asked = set(probes()[id_].__annotations__)
    server = {"fhir", "restricted", "anonymous", "stranger", "cohort"}
    assert bool(asked & server) is (CARDS[id_].role is Role.SERVER)
    assert (probes()[id_].__doc__ or "").strip()
