"""Manifests: what is read from a good one, and the one sentence that each mistake gets."""

import json

import pytest

from lab.fhir.permission import compile_permission
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


def test_a_host_that_is_declared_ones_own_may_be_attacked(write):
    owned = 'version = "1"\ni_own_this_system = true\nhosts = ["10.1.2.3"]'
    text = GOOD.replace('version = "1"', owned).replace("127.0.0.1:{port}", "10.1.2.3:8080")
    assert read_manifest(write(text)).server.base_url == "http://10.1.2.3:8080/fhir"
    with pytest.raises(ManifestError, match="only this machine is attacked"):
        read_manifest(write(text.replace("10.1.2.3:8080", "10.1.2.4:8080")))


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
        ("127.0.0.1:{port}", "10.1.2.3:8080", "only this machine is attacked"),
        ("127.0.0.1:{port}", "127.0.0.1.example.org", "only this machine is attacked"),
        ("127.0.0.1:{port}", "localhost@example.org", "only this machine is attacked"),
        ("[application]", "[application", "is not TOML"),
        ('version = "1"', 'version = "1"\nhosts = ["10.1.2.3"]', "go together"),
        ('version = "1"', 'version = "1"\ni_own_this_system = true', "go together"),
        ('/fhir"\n', '/fhir"\nnetworks = ["10.3."]\n', "Expected a CIDR"),
        ('/fhir"\n', '/fhir"\ncertified_capability = "absent.json"\n', "cannot read"),
        ('/fhir"\n', '/fhir"\ncertified_capability = "permission.json"\n', "is no CapabilityStatement"),
        ('/fhir"\n', '/fhir"\ncanary = "api"\n', "needs server.read_only = false"),
        ('/fhir"\n', '/fhir"\nupstream_url = "http://10.9.9.9/fhir"\n', "only this machine is attacked"),
        ('permission.json"\n', 'permission.json"\nartefacts = ["absent"]\n', "correct the path"),
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


def test_what_was_declared_when_last_certified_is_read(write, tmp_path):
    was = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    (tmp_path / "metadata.json").write_text(json.dumps(was))
    named = GOOD.replace('/fhir"\n', '/fhir"\ncertified_capability = "metadata.json"\n')
    assert read_manifest(write(named)).server.certified_capability == was
    assert not read_manifest(write(GOOD)).server.certified_capability


IMPORTING = {
    "resourceType": "Permission",
    "resourceDefinition": "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0",
    "id": "own",
    "status": "active",
    "combining": "deny-unless-permit",
    "rule": [{"import": {"reference": "Permission/app-permission"}}],
}
WITH_LIBRARY = GOOD.replace('"permission.json"', '"own.json"\nlibrary = LIBRARY')


@pytest.mark.parametrize(
    "library", ['"parts"', '["parts/common.json"]', '["parts/common.json", "more.json"]']
)
def test_a_permission_comes_with_what_it_imports(write, tmp_path, library):
    (tmp_path / "own.json").write_text(json.dumps(IMPORTING))
    (tmp_path / "parts").mkdir()
    (tmp_path / "permission.json").rename(tmp_path / "parts" / "common.json")
    (tmp_path / "more.json").write_text('{"resourceType": "Location", "id": "x"}')
    client = read_manifest(write(WITH_LIBRARY.replace("LIBRARY", library))).client
    policy = compile_permission(client.permission, "app", client.library)
    assert set(policy.permits[0].cohorts) == {"Patient"}
    assert "Permission/app-permission" in client.library


@pytest.mark.parametrize(
    ("library", "sentence"),
    [
        ("[]", "[] should be non-empty"),
        ("3", "3 is not of type 'string', 'array'"),
        ('"absent"', "is no folder"),
        ('"permission.json"', "is no folder"),
        ('"empty"', "holds no *.json"),
        ('["absent.json"]', "cannot read"),
        ('["permission.json", "./permission.json"]', "is in the library twice"),
        ('["nameless.json"]', "no resourceType or no id"),
        ('["list.json"]', "does not hold a JSON object"),
        ('["more.json"]', "Permission/app-permission is not in the library"),
    ],
)
def test_a_library_that_cannot_be_used_is_one_sentence(write, tmp_path, library, sentence):
    (tmp_path / "own.json").write_text(json.dumps(IMPORTING))
    (tmp_path / "empty").mkdir()
    (tmp_path / "nameless.json").write_text('{"resourceType": "Location"}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "more.json").write_text('{"resourceType": "Location", "id": "x"}')
    with pytest.raises(ManifestError) as caught:
        read_manifest(write(WITH_LIBRARY.replace("LIBRARY", library)))
    assert sentence in str(caught.value)
    assert "APP.toml" in str(caught.value)


@pytest.mark.parametrize("key", ["permission", "jwks", "library"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"id": "a", "id": "b"}', "the key 'id' is there twice"),
        ('{"x": {"status": "active", "\\u0073tatus": "draft"}}', "the key 'status' is there twice"),
        ('{"x": NaN}', "NaN is no number of JSON"),
        ("{", "is not JSON"),
        ("\ufeff{}", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('"x"', "does not hold a JSON object"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(write, tmp_path, key, text, sentence):
    (tmp_path / "odd.json").write_text(text, encoding="utf-8")
    line = {
        "permission": 'permission = "odd.json"',
        "jwks": 'jwks = "odd.json"',
        "library": 'library = ["odd.json"]',
    }
    good = 'permission = "permission.json"'
    odd = line[key] if key == "permission" else f"{good}\n{line[key]}"
    with pytest.raises(ManifestError) as caught:
        read_manifest(write(GOOD.replace(good, odd)))
    assert sentence in str(caught.value)
    assert "odd.json" in str(caught.value)


def test_a_role_without_its_section_is_refused(write):
    with pytest.raises(ManifestError, match="needs a \\[client\\] section"):
        read_manifest(
            write(
                GOOD.replace("[client]", "[start]").split("client_id")[0]
                + 'command=["x"]\nready_url="http://x"'
            )
        )
