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
SERVER = {
    *("fhir", "restricted", "other", "research", "contact", "anonymous", "stranger", "cohort"),
    *("scoped", "endpoint", "own_endpoint", "twins"),
}
"""The personas that call the application itself."""
ROWS = {id_.partition("@")[2]: row for id_, row in requirements().items() if id_.startswith("five-levels@")}


def row_of(id_):
    """Return the row of the catalogue that a probe is about; those of the credentials end in ``-C``."""
    return id_.removesuffix("-C")


def test_there_are_probes_of_every_level_and_across_them():
    assert {card.level for card in CARDS.values()} == {1, 2, 3, 4, 5, None}
    assert len(CARDS) >= 163


def test_the_catalogue_is_whole_and_each_row_has_its_references():
    assert len([id_ for id_ in ROWS if id_[0] in "LXK"]) == 164  # 163 of the hospital's, and L3-23
    for row in ROWS.values():
        assert any(reference.startswith(("OWASP", "CWE-", "Promise")) for reference in row.references), row


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
    assert card.requirements == (f"five-levels@{row_of(id_)}",)
    row = ROWS[row_of(id_)]
    assert row.expectation is card.expectation
    assert not row.not_tested_reason
    if id_.startswith("L"):
        assert card.level == int(id_[1])


def test_what_no_probe_attacks_says_why():
    assert {id_ for id_, row in ROWS.items() if not row.not_tested_reason} == {row_of(id_) for id_ in CARDS}


@pytest.mark.parametrize("id_", CARDS)
def test_the_probe_has_a_mutant(id_):
    assert [mutant.name for mutant in MUTANTS if mutant.killed_by == id_]


@pytest.mark.parametrize("id_", CARDS)
def test_the_probe_asks_for_the_personas_of_its_role(id_):
    asked = set(probes()[id_].__annotations__)
    assert bool(asked & SERVER) is (CARDS[id_].role is Role.SERVER)
    assert (probes()[id_].__doc__ or "").strip()
