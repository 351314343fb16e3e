"""An act may give one application tokens that live, or open, less: nobody else, and not the laboratory."""

import pytest
from assertion_bench import registry
from token_bench import serving

from lab.authserver.conduct import Conduct, granted
from lab.fhir.scopes import parse_scopes

ALL = "system/Encounter.rs system/Location.rs system/Patient.rs"
FEWER = Conduct("fewer-scopes", fewer=True)


@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        (ALL, "system/Encounter.rs system/Patient.rs"),
        ("system/Encounter.rs system/Patient.rs", "system/Encounter.rs"),
        ("system/Patient.rs", "system/Patient.rs"),
        ("system/*.rs", "system/*.rs"),
        ("system/Location.rs?status=active system/Patient.rs", "system/Patient.rs"),
    ],
)
def test_one_type_is_withheld_but_never_the_only_one(asked, opened):
    assert granted(parse_scopes(asked), FEWER) == parse_scopes(opened)


@pytest.mark.parametrize("conduct", [None, Conduct("short-token", lifetime_s=60)])
def test_other_conducts_withhold_nothing(conduct):
    assert granted(parse_scopes(ALL), conduct) == parse_scopes(ALL)


def test_the_reply_and_the_journal_say_what_was_done(tmp_path):
    short = Conduct("short-token", lifetime_s=60)
    with serving(tmp_path, registry(), conducts={"app": short}) as bench:
        reply = bench.ask().json()
        assert reply["expires_in"] == 60
        grant = bench.server.tokens.grant(reply["access_token"])
        assert 50 < grant.expires - grant.issued <= 60
        assert [one.act for one in bench.recorded] == ["short-token"]
        bench.server.conducts.clear()
        assert bench.ask().json()["expires_in"] == bench.server.tokens.lifetime_s
        assert bench.recorded[-1].act is None
