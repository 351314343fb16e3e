"""``lab validate`` as a user meets it: counts, findings, coverage, exit codes, one clear sentence."""

import orjson
import pytest
import zstandard
from resource_edits import FR_CORE_PACKAGE, VALID, edited

PRIVATE = "Dupont"
GOOD = VALID["patient-ins"]
BAD = edited("patient-ins", "gender", PRIVATE)
SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"


def _lines(*resources):
    return b"\n".join(map(orjson.dumps, resources)) + b"\n\n"


@pytest.fixture
def validate(lab):
    def run(*arguments, language="fr"):
        return lab("validate", *arguments, LAB_LANG=language)

    return run


@pytest.fixture
def write(tmp_path):
    def to(name, data):
        path = tmp_path / name
        path.write_bytes(zstandard.compress(data) if name.endswith(".zst") else data)
        return str(path)

    return to


def test_files_without_a_defect_exit_0_and_say_what_was_not_checked(validate, write):
    finished = validate(
        write("a.json", orjson.dumps(GOOD)), write("b.ndjson.zst", _lines(GOOD, VALID["organization-ward"]))
    )
    assert finished.returncode == 0, finished.stderr
    assert "a.json 1 ressources, 0 avec défaut, 0 erreurs, 0 avertissements" in finished.stdout
    assert "b.ndjson.zst 2 ressources, 0 avec défaut" in finished.stdout
    assert "Non vérifié :" in finished.stdout
    assert "TRE_R13" in finished.stdout
    assert "Aucun défaut trouvé par lab" in finished.stdout


def test_a_defect_exits_1_and_is_told_once_with_where_it_is_first(validate, write):
    finished = validate(write("a.ndjson", _lines(GOOD, BAD, BAD)), language="en")
    assert finished.returncode == 1
    assert "3 resources, 2 with a defect" in finished.stdout
    assert "✗ Patient.gender binding: the code is not in the required list." in finished.stdout
    assert "(2 times, first at line 2)" in finished.stdout
    assert PRIVATE not in finished.stdout + finished.stderr


def test_the_sentences_follow_the_language(validate, write):
    path = write("a.json", orjson.dumps(BAD))
    assert "le code n'est pas dans la liste imposée" in validate(path).stdout


def test_a_warning_alone_exits_0(validate, write):
    wrong_key = edited("patient-ins", "identifier[0].value", "285059999900132")
    finished = validate(write("a.json", orjson.dumps(wrong_key)))
    assert finished.returncode == 0
    assert "! Patient.identifier[0].value nir-key: la clé du NIR est fausse." in finished.stdout


def test_a_profile_may_be_asked_for(validate, write):
    patient = write("a.ndjson", _lines({"resourceType": "Patient"}, VALID["organization-ward"]))
    finished = validate(patient, "--profile", f"{SD}fr-core-patient-ins", "--profile", f"{SD}fr-core-slot")
    assert finished.returncode == 1
    assert "Patient.birthDate required" in finished.stdout
    assert f"profil {SD}fr-core-slot : aucune ressource de ce type" in finished.stdout


def test_an_unknown_profile_is_a_usage_error(validate, write):
    finished = validate(write("a.json", orjson.dumps(GOOD)), "--profile", "http://example.org/x")
    assert finished.returncode == 2
    assert "--ig" in finished.stderr


@pytest.mark.skipif(not FR_CORE_PACKAGE.exists(), reason="the FR Core package is not beside the project")
def test_a_guide_may_be_loaded_and_its_missing_packages_are_said(validate, write):
    finished = validate(write("a.json", orjson.dumps(GOOD)), "--ig", str(FR_CORE_PACKAGE))
    assert finished.returncode == 0, finished.stderr
    assert "guide ans.fr.terminologies#1.7.0 : définition non chargée" in finished.stdout


@pytest.mark.parametrize(
    ("name", "data", "seen"),
    [
        ("a.json", b"{", "ligne 1 : pas du JSON"),
        ("a.json", b"[]", "ligne 1 : pas un objet JSON"),
        ("a.ndjson", b'{"resourceType":"Patient"}\nDupont\n', "ligne 2 : pas du JSON"),
        ("a.json", b"\xff\xfe", "pas du JSON"),
    ],
)
def test_what_is_no_resource_is_a_usage_error_of_one_sentence(validate, write, name, data, seen):
    finished = validate(write(name, data))
    assert finished.returncode == 2
    assert seen in finished.stderr
    assert PRIVATE not in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["absent.json", "absent.ndjson.zst"])
def test_an_absent_file_is_a_usage_error(validate, tmp_path, name):
    finished = validate(str(tmp_path / name))
    assert finished.returncode == 2
    assert "illisible" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_damaged_archive_is_a_usage_error(validate, tmp_path):
    whole = zstandard.compress(_lines(*[GOOD] * 50))
    for name, data in (("cut.ndjson.zst", whole[: len(whole) // 2]), ("none.ndjson.zst", b"no zstd at all")):
        path = tmp_path / name
        path.write_bytes(data)
        finished = validate(str(path))
        assert finished.returncode == 2, finished.stdout
        assert len(finished.stderr.splitlines()) == 1
    finished = validate(str(path), "--ig", str(path))
    assert finished.returncode == 2
    assert "attendu un package FHIR R4" in finished.stderr


def test_several_frames_are_read_one_after_the_other(validate, tmp_path):
    path = tmp_path / "two.ndjson.zst"
    path.write_bytes(zstandard.compress(_lines(GOOD)) + zstandard.compress(_lines(GOOD)))
    assert "two.ndjson.zst 2 ressources" in validate(str(path)).stdout


def test_nothing_to_check_is_not_a_success(validate, write):
    finished = validate(write("a.ndjson", b"\n"))
    assert finished.returncode == 2
    assert "Aucune ressource" in finished.stderr
