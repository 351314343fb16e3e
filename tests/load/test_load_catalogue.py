"""Profiles are found by folder."""

import sys

import pytest

from lab.load.catalogue import profiles
from lab.load.error import LoadError

PROFILE = """
from lab.load.plan import Profile, Share
from lab.load.routes import poll
from lab.load.scenario import Scenario
from lab.model.text import Text
TITLE = Text(fr="un", en="one")
ONE = Profile("{id}", "{name}", TITLE, rate=1, mix=(Share(1, poll),), thresholds=("errors == 0",))
SCENARIO = Scenario(lambda figures: ONE, TITLE)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An importable package of profiles named after the test's own folder."""
    name = f"profiles_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def test_the_ordinary_day_is_what_its_arithmetic_says():
    profile = profiles()["P02"]
    assert profile.rate == 600 / 60 + 30 / 5 + 600 / 300
    assert sum(share.weight for share in profile.mix) == 100
    assert profile.denial_share == 0.04


def test_one_more_file_is_one_more_profile(package):
    (package / "b.py").write_text(PROFILE.format(id="P92", name="one"))
    (package / "a.py").write_text(PROFILE.format(id="P93", name="two"))
    assert list(profiles(package.name)) == ["P92", "P93"]


def test_two_profiles_of_one_id_are_refused(package):
    (package / "a.py").write_text(PROFILE.format(id="P91", name="one"))
    (package / "b.py").write_text(PROFILE.format(id="P91", name="two"))
    with pytest.raises(LoadError, match="Two load profiles have the id P91"):
        profiles(package.name)


def test_two_profiles_of_one_name_are_refused(package):
    (package / "a.py").write_text(PROFILE.format(id="P91", name="one"))
    (package / "b.py").write_text(PROFILE.format(id="P92", name="one"))
    with pytest.raises(LoadError, match="Two load profiles are called one"):
        profiles(package.name)
