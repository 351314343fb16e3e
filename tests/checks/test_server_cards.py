"""Every server check has a whole card, rests on requirements that exist, and has a mutant that it notices."""

from pathlib import Path

import pytest
from hostile_server import server_checks

from lab.checking.declare import card_of
from lab.model.words import Role
from lab.requirements.load import requirements
from lab.selftest.mutant import find_mutants

CARDS = {id_: card_of(function) for id_, function in server_checks().items()}
MUTANTS = find_mutants(Path(__file__).parents[1] / "mutants")


def test_there_are_server_checks():
    assert len(CARDS) >= 24


@pytest.mark.parametrize("id_", CARDS)
def test_the_card_says_everything_in_both_languages(id_):
    card = CARDS[id_]
    assert card.role is Role.SERVER
    for text in (card.title, card.failure, card.remedy):
        assert text.fr.strip()
        assert text.en.strip()
        assert text.fr != text.en
    for sentence in (card.failure, card.remedy):
        assert sentence.fr.endswith(".")
        assert sentence.en.endswith(".")


@pytest.mark.parametrize("id_", CARDS)
def test_the_requirements_exist_and_are_no_weaker_than_the_check(id_):
    card, known = CARDS[id_], requirements()
    assert card.requirements
    assert not set(card.requirements) - known.keys()
    assert card.expectation in {known[one].expectation for one in card.requirements}


@pytest.mark.parametrize("id_", CARDS)
def test_the_check_explains_what_it_does(id_):
    assert (server_checks()[id_].__doc__ or "").strip()


@pytest.mark.parametrize("id_", CARDS)
def test_the_check_has_a_mutant(id_):
    assert [mutant.name for mutant in MUTANTS if mutant.killed_by == id_ and mutant.kind == "platform"]


def test_the_mutants_of_servers_name_known_checks():
    named = {m.killed_by for m in MUTANTS if m.name.startswith("srv_")}
    assert named <= CARDS.keys()


def test_no_requirement_of_servers_is_left_without_a_check():
    cited = {one for card in CARDS.values() for one in card.requirements}
    ours = {id_ for id_ in requirements() if id_.startswith(("fhir-r4@", "smart-server-2.2.0@"))}
    assert ours <= cited
