"""An interrupted generation, run again, goes on where it was and gives the bytes of an uninterrupted one."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from small_blocks import BLOCK, PLAN, Killed, contents

from synthetic_data.folder.draft import JOURNAL
from synthetic_data.folder.generate import generate_folder
from synthetic_data.folder.manifest import NAME, FolderError, read_manifest

COUNT = 3


def interrupted(served, folder: Path, blocks: int) -> Path:
    """Give a folder whose generation was killed once that many blocks were written."""
    with served.killed_after(blocks):
        generate_folder(PLAN, folder)
    return folder


def resumed(folder: Path) -> dict[str, bytes]:
    generate_folder(PLAN, folder)
    return contents(folder)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_killed_between_two_blocks(served, uninterrupted, tmp_path, blocks):
    folder = interrupted(served, tmp_path / "h", blocks)
    assert resumed(folder) == uninterrupted
    assert served.asked == list(range(blocks, COUNT))  # what was there is not drawn again


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_only_unfinished_names_and_the_journal_before_the_end(served, tmp_path, blocks):
    folder = interrupted(served, tmp_path / "h", blocks)
    names = {path.name for path in folder.iterdir()}
    assert JOURNAL in names
    assert all(name.endswith(".part") for name in names - {JOURNAL})
    assert len((folder / JOURNAL).read_bytes().splitlines()) == 1 + blocks
    with pytest.raises(FolderError, match="the generation was not finished"):
        read_manifest(folder)


@pytest.mark.parametrize("blocks", [0, 1, 2])
@pytest.mark.parametrize("written", ["one file", "all files", "a byte each"])
def test_killed_while_a_block_was_being_written(served, uninterrupted, tmp_path, blocks, written):
    folder = interrupted(served, tmp_path / "h", blocks)
    for rank, path in enumerate(sorted(folder.glob("*.part"))):
        if written != "one file" or rank == 3:
            with path.open("ab") as file:
                file.write(b"\x28" if written == "a byte each" else b"half a block" * 100)
    assert resumed(folder) == uninterrupted


@pytest.mark.parametrize("blocks", [0, 1, 2])
@pytest.mark.parametrize("left", [1, 20, -1])
def test_killed_while_the_journal_was_being_written(served, uninterrupted, tmp_path, blocks, left):
    """The files hold the block, its line in the journal is cut: near its start, or just before its end."""
    folder = interrupted(served, tmp_path / "h", blocks + 1)
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    (folder / JOURNAL).write_bytes(b"".join([*lines[:-1], lines[-1][:left]]))
    again = interrupted(served, folder, 0)
    journal = (again / JOURNAL).read_bytes()
    assert journal == b"".join(lines[: blocks + 1])  # nothing of the cut line is left in the way of the next
    assert resumed(folder) == uninterrupted


def test_killed_again_and_again(served, uninterrupted, tmp_path):
    folder = tmp_path / "h"
    for _ in range(COUNT):
        interrupted(served, folder, 1)
        with (folder / JOURNAL).open("ab") as file:
            file.write(b'{"number":')
        with next(folder.glob("Patient*.part")).open("ab") as file:
            file.write(b"garbage")
    served.asked = []
    assert resumed(folder) == uninterrupted
    assert served.asked == []


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_killed_while_the_first_line_was_being_written(served, uninterrupted, tmp_path, left):
    folder = tmp_path / "h"
    folder.mkdir()
    whole = interrupted(served, tmp_path / "other", 0)
    (folder / JOURNAL).write_bytes((whole / JOURNAL).read_bytes()[:left])
    assert resumed(folder) == uninterrupted


@pytest.mark.parametrize("step", ["rename", "write_bytes", "unlink"])
def test_killed_while_the_folder_is_completed(served, uninterrupted, tmp_path, monkeypatch, step):
    """At the first, middle and last renamings, writings or removals; nothing is complete before all is."""
    draft = interrupted(served, tmp_path / "draft", COUNT)
    steps = completed(shutil.copytree(draft, tmp_path / "free"), monkeypatch, step, 1000)
    assert steps >= {"rename": 15, "write_bytes": 15, "unlink": 1}[step]
    for done in sorted({0, 1, steps // 2, steps - 2, steps - 1} & set(range(steps))):
        folder = shutil.copytree(draft, tmp_path / f"{done}")
        assert completed(folder, monkeypatch, step, done) == done
        if (folder / NAME).exists():
            assert {name: data for name, data in contents(folder).items() if name != JOURNAL} == uninterrupted
        else:
            with pytest.raises(FolderError, match="not finished"):
                read_manifest(folder)
        assert resumed(folder) == uninterrupted


def completed(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, most: int) -> int:
    """Go on with a folder until it is complete or killed after `most` steps; give the steps done."""
    real, done = getattr(Path, step), 0

    def killing(path, *arguments, **options):
        nonlocal done
        if done == most:
            if step == "write_bytes":
                real(path, arguments[0][: len(arguments[0]) // 2])
            raise Killed
        done += 1
        return real(path, *arguments, **options)

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(Path, step, killing)
        generate_folder(PLAN, folder)
    return done


def test_killed_for_good_by_the_system(uninterrupted, tmp_path, served):
    """A real process, really killed, after its second block."""
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        f"from synthetic_data.facts import volumes; volumes.BLOCK = {BLOCK}\n"
        "from synthetic_data import HospitalPlan\n"
        "from synthetic_data.folder.generate import generate_folder\n"
        f"plan = HospitalPlan(seed={PLAN.seed}, patients={PLAN.patients})\n"
        "stop = lambda done, _: os.kill(os.getpid(), signal.SIGKILL) if done == 2 else None\n"
        "generate_folder(plan, Path(sys.argv[1]), progress=stop)"
    )
    folder = tmp_path / "h"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    killed = subprocess.run([sys.executable, "-c", program, str(folder)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert resumed(folder) == uninterrupted
    assert served.asked == [2]


@pytest.mark.parametrize("blocks", [1, 2])
def test_a_file_that_lost_bytes_is_refused(served, tmp_path, blocks):
    folder = interrupted(served, tmp_path / "h", blocks)
    path = folder / "Patient.ndjson.zst.part"
    size = path.stat().st_size
    os.truncate(path, size - 1)
    sentence = f"Expected at least {size} bytes in .*: the folder was changed"
    with pytest.raises(FolderError, match=sentence) as refused:
        generate_folder(PLAN, folder)
    assert "vider" in refused.value.fr
    path.unlink()
    with pytest.raises(FolderError, match=f"Expected at least {size} bytes in .*, got 0"):
        generate_folder(PLAN, folder)


def test_the_journal_says_which_plan_format_and_kinds_it_is_about(served, tmp_path):
    folder = interrupted(served, tmp_path / "h", 1)
    head, block = map(orjson.loads, (folder / JOURNAL).read_bytes().splitlines())
    assert (head["plan"]["seed"], head["plan"]["patients"], head["format"]) == (12, 100, "ndjson.zst")
    assert {"Patient", "Encounter", "Observation.laboratory"} <= set(head["kinds"])
    for name, (size, lines, _, _) in block["parts"].items():
        assert (folder / f"{name}.ndjson.zst.part").stat().st_size == size
        assert lines > 0


def test_progress_counts_what_is_already_there(served, tmp_path):
    folder = interrupted(served, tmp_path / "h", 2)
    told = []
    generate_folder(PLAN, folder, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 3), (3, 3)]
