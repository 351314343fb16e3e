"""A package that cannot be read is told in one clear sentence, and its links lead nowhere."""

import gzip
import tarfile

import pytest
from guide_packages import (
    CODE,
    MANIFEST,
    made_element,
    made_package,
    made_profile,
)

from lab.validation.ig import IgError, load


def _bytes(data):
    return lambda tmp_path: (tmp_path / "bad.tgz").write_bytes(data) and tmp_path / "bad.tgz"


def _cut(tmp_path):
    path = made_package(
        tmp_path, made_profile(made_element("Patient.gender", **CODE, definition=str(list(range(9999)))))
    )
    path.write_bytes(path.read_bytes()[:-5000])
    return path


def _bomb(tmp_path):
    member = tarfile.TarInfo("package/x.json")
    member.size = 2**40
    path = tmp_path / "bomb.tgz"
    path.write_bytes(gzip.compress(member.tobuf() + bytes(2**20)))
    return path


BAD = {
    "absent": lambda tmp_path: tmp_path / "absent.tgz",
    "a folder": lambda tmp_path: tmp_path,
    "empty": _bytes(b"\n"),
    "not gzip": _bytes(b"<html>Not found</html>" * 100),
    "gzip of nothing": _bytes(gzip.compress(b"nothing" * 1000)),
    "cut": _cut,
    "bomb": _bomb,
    "no manifest": lambda tmp_path: made_package(tmp_path, **{"package.json": b""}),
    "manifest without name": lambda tmp_path: made_package(tmp_path, **{"package.json": {"version": "1"}}),
    "manifest that is a list": lambda tmp_path: made_package(tmp_path, **{"package.json": b"[]"}),
    "definition that is not JSON": lambda tmp_path: made_package(tmp_path, **{"x.json": b"{"}),
    "FHIR R5": lambda tmp_path: made_package(
        tmp_path, **{"package.json": {**MANIFEST, "fhirVersions": ["5.0.0"]}}
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_package_is_one_clear_sentence(tmp_path, name):
    path = BAD[name](tmp_path)
    with pytest.raises(IgError) as raised:
        load(path)
    text = raised.value.text
    assert text.en.startswith(f"{path.name}: expected a FHIR R4 package (.tgz), found ")
    assert "attendu un package FHIR R4" in text.fr
    assert text.en.endswith("R4 edition.")
    assert "\n" not in text.en + text.fr


def test_links_in_a_package_are_not_followed(tmp_path):
    path = tmp_path / "links.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for file, target in (
            ("package/package.json", "/etc/passwd"),
            ("package/x.json", "package/package.json"),
        ):
            member = tarfile.TarInfo(file)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    with pytest.raises(IgError, match=r"no file package/package\.json"):
        load(path)
