"""Manifests: what is read from a good one, and the one sentence that each mistake gets."""

import json

import pytest

from lab.fhir.permission_form import permission
from lab.manifest import ManifestError, read_manifest
from lab.model.words import Role

GOOD = """
[application]
vendor = "V"
name = "N"
version = "1"
roles = ["client", "server"]
[client]
client_id = "app"
scopes = "system/Patient.rs"
permission = "permission.json"
[server]
base_url = "http://127.0.0.1:{port}/fhir"
[[server.identities]]
name = "full"
issuer = "nobody"
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "permission.json").write_text(
        json.dumps(permission("app", {"Patient": ("group-urgences",)}, ("read", "search-type")))
    )

    def to_file(text):
        path = tmp_path / "APP.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_a_good_manifest_is_read(write):
    subject = read_manifest(write(GOOD))
    assert subject.roles == (Role.CLIENT, Role.SERVER)
    assert subject.server.read_only
    assert subject.client.permission["resourceType"] == "Permission"
    assert len(subject.digest) == 64


def test_the_bundled_manifests_are_good(checkout):
    for path in (checkout / "examples").rglob("*.toml"):
        assert read_manifest(path).name


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('vendor = "V"', 'vendr = "V"', "unknown key 'vendr' in application. Did you mean 'vendor'?"),
        ("[client]", "[clients]", "unknown key 'clients'"),
        ('roles = ["client", "server"]', 'roles = ["pilot"]', "'pilot' is not one of"),
        ('roles = ["client", "server"]', "roles = []", "roles"),
        ('issuer = "nobody"', 'issuer = "laboratory"', "needs client_id and scopes"),
        (
            'issuer = "nobody"',
            'issuer = "application"\nclient_id="x"\nscopes="system/*.rs"',
            "token_url is missing",
        ),
        ('name = "full"', 'name = "restricted"', "must be 'full'"),
        ("system/Patient.rs", "patient/Patient.rs", "Not a scope"),
        ("permission.json", "absent.json", "cannot read"),
        ('client_id = "app"', 'client_id = "other"', "must be Device/other"),
        ('version = "1"', "version = 1", "is not of type 'string'"),
        ("127.0.0.1:{port}", "10.1.2.3:8080", "loopback addresses only"),
        ("127.0.0.1:{port}", "127.0.0.1.example.org", "loopback addresses only"),
        ("127.0.0.1:{port}", "localhost@example.org", "loopback addresses only"),
        ("[application]", "[application", "is not TOML"),
        ('issuer = "nobody"', 'issuer = "nobody"\nmasked = ["Patient"]', "Not a path that can be masked"),
    ],
)
def test_each_mistake_gets_one_sentence(write, old, new, sentence):
    assert old in GOOD
    with pytest.raises(ManifestError) as caught:
        read_manifest(write(GOOD.replace(old, new)))
    assert sentence in str(caught.value)
    assert "APP.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_role_without_its_section_is_refused(write):
    with pytest.raises(ManifestError, match="needs a \\[client\\] section"):
        read_manifest(
            write(
                GOOD.replace("[client]", "[start]").split("client_id")[0]
                + 'command=["x"]\nready_url="http://x"'
            )
        )
