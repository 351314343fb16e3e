"""The templates that ship: each is read, each is used, and one can be changed without touching the code."""

import ast
import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import synthetic_data
from synthetic_data.templating.shape import shape

PACKAGE = Path(synthetic_data.__file__).parent


def test_every_template_file_is_used_and_every_one_can_be_read():
    on_disk = {path.name.removesuffix(".json") for path in (files("synthetic_data") / "templates").iterdir()}
    assert all(shape(name).children for name in on_disk)
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")]
    words = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not on_disk - words


def test_a_template_and_a_table_can_be_changed_without_touching_the_code(tmp_path):
    copy = shutil.copytree(PACKAGE, tmp_path / "synthetic_data", ignore=shutil.ignore_patterns("__pycache__"))
    patient = copy / "templates" / "patient.json"
    changed = patient.read_text(encoding="utf-8").replace('"active": "$active"', '"language": "fr-FR"')
    patient.write_text(changed, encoding="utf-8")
    with (copy / "distributions" / "noms.csv").open("a", encoding="utf-8") as names:
        names.write("Étienne-d'Oc,1e12\n")
    program = (
        "from pathlib import Path; from synthetic_data import HospitalPlan\n"
        "from synthetic_data.folder.generate import generate_folder\n"
        "generate_folder(HospitalPlan(patients=2), Path('out'), format_='ndjson')"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True)
    lines = (tmp_path / "out" / "Patient.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    for one in map(json.loads, lines):
        assert one["language"] == "fr-FR"
        assert "active" not in one
        assert one["name"][0]["family"] == "Étienne-d'Oc"
