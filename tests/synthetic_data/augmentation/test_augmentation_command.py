"""The command: files, determinism, languages, and one sentence for each bad input."""

import csv
import hashlib
import json

import pytest
import typer
from head_injury import NAMES, patients, write_cohort
from typer.testing import CliRunner

from lab.cli.data.augment import augment
from synthetic_data.augmentation import Request, augment_cohort
from synthetic_data.augmentation.report import outputs

FILES = {"augmented.csv", "report.json", "report.md", "manifest.json"}
ROWS = patients(60, 1)


@pytest.fixture
def run(monkeypatch):
    """Run the command in one language; give the finished run."""
    app = typer.Typer()
    app.command("augment")(augment)

    def run_(*arguments, language="en"):
        monkeypatch.setenv("LAB_LANG", language)
        return CliRunner().invoke(app, [str(one) for one in arguments])

    return run_


@pytest.fixture(scope="module")
def made(cohort_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "out"
    report = augment_cohort(Request(cohort_folder, out, 2000, language="en"))
    return out, report


def test_four_files_with_their_sums_and_the_columns_of_the_cohort(made, cohort_folder):
    out, report = made
    assert {path.name for path in out.iterdir()} == FILES
    manifest = json.loads((out / "manifest.json").read_text())
    for name, digest in manifest["outputs_sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    cohort = hashlib.sha256((cohort_folder / "cohort.csv").read_bytes()).hexdigest()
    assert manifest["inputs_sha256"] == {"cohort.csv": cohort}
    with (out / "augmented.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2000
    assert tuple(rows[0]) == NAMES
    assert {row["scanner"] for row in rows} == {"oui", "non"}
    assert {row["issue"] for row in rows} == {"domicile", "transfert", "deces"}
    assert report.exit_code == 0
    assert "Privacy holds" in (out / "report.md").read_text(encoding="utf-8")


def test_no_written_row_is_a_row_of_the_learned_half(made, cohort_folder):
    out, report = made
    written = set((out / "augmented.csv").read_text(encoding="utf-8").splitlines()[1:])
    known = set((cohort_folder / "cohort.csv").read_text(encoding="utf-8").splitlines()[1:])
    assert len(written & known) <= report.held_out * 0.01
    copies = next(line for line in report.privacy if line.key == "exact_copies")
    assert copies.values["augmented"] == 0


def test_same_seed_same_bytes_other_seed_other_rows(made, cohort_folder, tmp_path):
    out, _ = made
    augment_cohort(Request(cohort_folder, tmp_path / "again", 2000, language="en"))
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes(), name
    augment_cohort(Request(cohort_folder, tmp_path / "other", 2000, seed=1))
    assert (tmp_path / "other" / "augmented.csv").read_bytes() != (out / "augmented.csv").read_bytes()


def test_declared_kinds_are_obeyed_and_only_the_others_are_said_to_be_inferred(tmp_path, run):
    folder = write_cohort(tmp_path / "c", declare=True)
    done = run("--cohort", folder, "--rows", 300, "--out", tmp_path / "o")
    assert done.exit_code in (0, 1)
    said = done.output.split("Kinds inferred (columns.csv sets them): ")[1].splitlines()[0]
    assert "age integer" in said
    assert "gcs" not in said


def test_the_report_speaks_french_by_default(cohort_folder, tmp_path, run):
    done = run("--cohort", cohort_folder, "--rows", 500, "--out", tmp_path / "o", language="fr")
    assert done.exit_code == 0, done.output
    assert "La confidentialité tient ; la fidélité tient." in done.output
    assert "G29" in (tmp_path / "o" / "report.md").read_text(encoding="utf-8")


def column(values, name="x"):
    """Add a column to a good cohort of 60."""
    return {"names": (*NAMES, name), "rows": [[*row, values[at]] for at, row in enumerate(ROWS)]}


BAD = {
    "few patients": ({"count": 49}, "at least 50 patients; the cohort has 49"),
    "constant": (column(["4"] * 60), '"x"; the column is constant'),
    "all missing": (column([""] * 60), 'known values in "x"; there are 0'),
    "repeated name": (column(["4", "5"] * 30, "age"), '"age" comes more than once'),
    "nameless": (column(["4", "5"] * 30, ""), f"column {len(NAMES) + 1} has none"),
    "ragged": ({"rows": [*ROWS, ["1", "2"]]}, "record 62 has 2"),
    "free text": (column([f"said {n}" for n in range(60)]), "free text or an identifier"),
    "decimal comma": (column([f"{n % 7},5" for n in range(60)]), "decimal point"),
    **{
        name: (column(["4", "5"] * 30, name), f'the column "{name}" looks like one')
        for name in (
            "nom",
            "Prénom",
            "INS",
            "nir",
            "IPP",
            "Téléphone",
            "adresse_postale",
            "patientId",
            "id",
            "e-mail",
        )
    },
    "row numbers": (column([str(n) for n in range(1, 61)]), "a different number on each line"),
    "telephones": (column([f"06 39 98 {n:02d} {n:02d}" for n in range(60)]), "telephone"),
    "dates": (column([f"2023-05-{n % 28 + 1:02d}" for n in range(60)]), "date"),
    "social numbers": (column([f"1 85 05 31 999 {n:03d} 42" for n in range(60)]), "NIR"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_cohort_is_refused_with_one_sentence(case, tmp_path, run):
    arguments, sentence = BAD[case]
    folder = write_cohort(tmp_path / "c", **arguments)
    done = run("--cohort", folder, "--out", tmp_path / "o")
    assert done.exit_code == 2, done.output
    assert sentence in done.output
    assert done.output.startswith("✗ Expected")
    assert len(done.output.strip().splitlines()) == 1
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--rows", 0, "number of rows from 1"),
        ("--rows", -5, "got -5"),
        ("--rows", 10_000_001, "got 10000001"),
        ("--seed", -1, "seed of 0 or more"),
        ("--target", "weather", 'got "weather"'),
        ("--cohort", "/nowhere", "No such file"),
    ],
)
def test_a_bad_request_is_refused_with_one_sentence(option, value, sentence, cohort_folder, tmp_path, run):
    done = run("--cohort", cohort_folder, "--out", tmp_path / "o", option, value)
    assert done.exit_code == 2, done.output
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"a,b\n\xff\xfe,1\n", "UTF-8"),
        (b'a,b\n"1,2\n', "quote"),
        (b"a,b\n1,2\n", "at least 50 patients"),
    ],
)
def test_an_unreadable_file_is_refused(content, sentence, tmp_path, run):
    (tmp_path / "cohort.csv").write_bytes(content)
    done = run("--cohort", tmp_path, "--out", tmp_path / "o")
    assert done.exit_code == 2
    assert sentence in done.output


def test_a_bad_declaration_is_refused(tmp_path, run):
    folder = write_cohort(tmp_path / "c", declare=True)
    (folder / "columns.csv").write_text("column,kind\nissue,number\n", encoding="utf-8")
    done = run("--cohort", folder, "--out", tmp_path / "o")
    assert done.exit_code == 2
    assert 'kind number in the column "issue"' in done.output
    (folder / "columns.csv").write_text("column,kind\nweather,number\n", encoding="utf-8")
    assert "weather" in run("--cohort", folder, "--out", tmp_path / "o").output


@pytest.mark.parametrize("out", ["/proc/out", "/dev/null/out"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_computed(out, cohort_folder, run):
    done = run("--cohort", cohort_folder, "--out", out)
    assert done.exit_code == 2
    assert f"{out} cannot" in done.output
    assert "inferred" not in done.output


def test_a_folder_that_holds_something_is_left_alone(cohort_folder, tmp_path, run):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = run("--cohort", cohort_folder, "--out", tmp_path)
    assert done.exit_code == 2
    assert "holds something already" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_run_leaves_nothing_that_looks_complete(error, cohort_folder, tmp_path, monkeypatch):
    def interrupted(*_):
        raise error

    monkeypatch.setattr(outputs, "_manifest", interrupted)
    expected = KeyboardInterrupt if error is KeyboardInterrupt else outputs.Refusal
    with pytest.raises(expected):
        augment_cohort(Request(cohort_folder, tmp_path / "o", 200))
    assert list((tmp_path / "o").iterdir()) == []
