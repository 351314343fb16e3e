"""What a platform asks is read from a file of ours or of a hospital; a bad one is told in one sentence."""

import json
from pathlib import Path

import pytest

from lab.fhir.search_parameters import definitions
from lab.manifest.json_files import JsonFileError
from lab.manifest.platforms import known_platforms, read_platform
from lab.validation.base import resource_types
from lab.validation.overlay import fr_core


@pytest.mark.parametrize("name", known_platforms())
def test_ours_ask_only_what_exists(name):
    platform = read_platform(name, Path())
    assert platform.name == name
    assert platform.title.fr != platform.title.en
    for type_, asked in platform.resources.items():
        assert type_ in resource_types()
        assert not set(asked.parameters) - set(definitions(type_))
        assert all(fr_core().find(profile) for profile in asked.profiles)
        assert {"read", "search-type"} <= set(asked.interactions)


def test_a_hospital_gives_its_own(tmp_path):
    asked = {"title": {"fr": "La nôtre", "en": "Ours"}, "resources": {"Patient": {"parameters": ["name"]}}}
    (tmp_path / "ours.json").write_text(json.dumps(asked))
    platform = read_platform("ours.json", tmp_path)
    assert (platform.name, platform.resources["Patient"].parameters) == ("ours", ("name",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "object"),
        ("{}", "required"),
        ('{"title": {"fr": "x", "en": "y"}, "resources": {}}', "resources"),
        ('{"title": {"fr": "x", "en": "y"}, "resources": {"Patient": {"search": []}}}', "search"),
    ],
)
def test_what_is_no_platform_is_told(tmp_path, text, said):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(JsonFileError, match=said):
        read_platform("bad.json", tmp_path)


def test_an_unknown_name_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(JsonFileError, match="chu-toulouse"):
        read_platform("chu-lille", tmp_path)
