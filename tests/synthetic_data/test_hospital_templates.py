"""Templates: what a missing value takes away, what is refused, and that each file is used."""

import ast
import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import synthetic_data
from synthetic_data.templates import Template, _parse, template


def fill(shape, **values):
    return Template("sample", _parse(shape)).fill(**values)


def test_values_keep_their_type_alone_and_become_text_inside_a_text():
    shape = {"id": "$id", "count": "$count", "link": "Patient/$id"}
    assert fill(shape, id="p1", count=3) == {"id": "p1", "count": 3, "link": "Patient/p1"}


def test_a_missing_value_takes_away_the_object_that_holds_it():
    shape = {
        "id": "$id",
        "telecom": [{"use": "home", "value": "$home"}, {"use": "mobile", "value": "$mobile"}],
    }
    assert fill(shape, id="p1", home=None, mobile="06") == {
        "id": "p1",
        "telecom": [{"use": "mobile", "value": "06"}],
    }


def test_an_optional_value_takes_away_only_its_element():
    shape = {"id": "$id", "period": {"start": "$start", "end": "$end?"}}
    assert fill(shape, id="p1", start="2023", end=None) == {"id": "p1", "period": {"start": "2023"}}


def test_an_object_left_without_values_goes_with_its_constants():
    shape = {
        "id": "$id",
        "extension": [{"url": "http://x", "valueCoding": {"system": "http://y", "code": "$code"}}],
    }
    assert fill(shape, id="p1", code=None) == {"id": "p1"}


def test_constants_stay_even_when_values_are_missing():
    shape = {"id": "$id", "category": [{"code": "lab"}], "note": "$note?"}
    assert fill(shape, id="p1", note=None) == {"id": "p1", "category": [{"code": "lab"}]}


def test_an_unknown_placeholder_is_refused_by_name():
    with pytest.raises(ValueError, match=r"\$colour; it may use id"):
        fill({"id": "$id", "x": "$colour"}, id="p1")


def test_a_first_level_without_its_value_is_refused():
    with pytest.raises(ValueError, match="first level"):
        fill({"id": "$id"}, id=None)


def test_two_placeholders_in_one_text_are_refused():
    with pytest.raises(ValueError, match="one \\$placeholder"):
        _parse({"text": "$a $b"})


def test_a_template_and_a_table_can_be_changed_without_touching_the_code(tmp_path):
    package = Path(synthetic_data.__file__).parent
    copy = shutil.copytree(package, tmp_path / "synthetic_data", ignore=shutil.ignore_patterns("__pycache__"))
    patient = copy / "templates" / "patient.json"
    changed = patient.read_text(encoding="utf-8").replace('"active": true', '"language": "fr-FR"')
    patient.write_text(changed, encoding="utf-8")
    names = copy / "distributions" / "noms.csv"
    names.write_text("nom,poids\nÉtienne-d'Oc,1\n", encoding="utf-8")
    command = [sys.executable, "-m", "synthetic_data", "--patients", "2", "--out", str(tmp_path / "out")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    lines = (tmp_path / "out" / "Patient.ndjson").read_text(encoding="utf-8").splitlines()
    for one in map(json.loads, lines):
        assert one["language"] == "fr-FR"
        assert "active" not in one
        assert one["name"][0]["family"] == "Étienne-d'Oc"


def test_every_template_file_is_used_and_every_used_one_exists():
    on_disk = {path.name.removesuffix(".json") for path in (files("synthetic_data") / "templates").iterdir()}
    assert all(template(name).shape for name in on_disk)
    sources = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in Path(synthetic_data.__file__).parent.glob("*.py")
    ]
    words = {node.value for tree in sources for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    words |= {f"encounter_{kind}" for kind in ("stay", "consultation", "emergency")}
    assert on_disk <= words
