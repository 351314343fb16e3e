"""The run document and its published schema."""

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from lab.certification import certify as certify_module
from lab.certification.conclude import Conclusion, conclude
from lab.certification.document import DocumentError, read, validator
from lab.certification.exit_code import exit_code
from lab.certification.folder import new_folder
from lab.certification.session import Gathered
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.model.words import Role, Suite

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return new_folder(tmp_path, "Été & fils", NOW)


def written(folder, **gathered):
    subject = SystemUnderTest("Vendor", "Été & fils", "1", (Role.CLIENT,), ".", "d" * 64)
    asked = Conclusion(subject, 2023, 20, frozenset(Suite), "lab certify APP.toml", NOW)
    conclude(asked, Gathered(**gathered), folder, 1.5)
    return read(folder.document)


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(validator().schema)


def test_a_run_is_written_with_its_reports_and_read_back(folder):
    document = written(folder, unreachable=Text(fr="non", en="no"))
    assert document["subject"]["name"] == "Été & fils"
    assert document["unreachable"]
    assert exit_code(document) == 4
    assert sorted(p.name for p in folder.path.iterdir()) == ["junit.xml", "report.html", "run.json"]


@pytest.mark.parametrize(
    ("gathered", "code"),
    [
        ({"defect": Text(fr="d", en="d")}, 3),
        ({"interrupted": Text(fr="i", en="i")}, 5),
        ({"checks": ("SRV-RD-03",)}, 3),
        ({}, 5),
    ],
)
def test_every_early_end_has_its_exit_code(folder, gathered, code):
    assert exit_code(written(folder, **gathered)) == code


def test_the_name_of_the_folder_is_the_id_and_is_never_reused(tmp_path):
    names = [new_folder(tmp_path, "Été & fils", NOW).path.name for _ in range(2)]
    assert names == ["20260102T030405Z-ete-fils", "20260102T030405Z-ete-fils-1"]


@pytest.mark.parametrize("damage", ["missing", "text", "field", "extra"])
def test_a_damaged_document_is_refused_in_one_sentence(folder, damage):
    document = written(folder)
    path = folder.document
    if damage == "missing":
        path.unlink()
    elif damage == "text":
        path.write_text(path.read_text()[:-40])
    else:
        document.pop("verdict") if damage == "field" else document.update(more=1)
        path.write_text(json.dumps(document))
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unforeseen_error_is_a_defect_of_ours_and_its_trace_is_kept(tmp_path, monkeypatch):
    subject = SystemUnderTest("Vendor", "App", "1", (Role.SERVER,), ".", "d" * 64)
    monkeypatch.setattr(certify_module.planning, "needs_sandbox", lambda _: 1 / 0)
    folder = certify_module.certify(subject, certify_module.Options(out=tmp_path))
    document = read(folder.document)
    assert document["verdict"]["status"] == "withheld"
    assert exit_code(document) == 3
    assert "ZeroDivisionError" in folder.log("laboratory").read_text()
