"""A disk that takes no more: one sentence, and what was recorded stays."""

import resource
import subprocess

import pytest
from load_hospital import hospital

from lab.load import children
from lab.load.catalogue import profiles
from lab.load.error import LoadError
from lab.load.judge import recheck
from lab.load.plan import build
from lab.load.runner import run


def plan(target, *, duration_s=1.0):
    return build(profiles()["P02"], target, duration_s=duration_s, scale=2.0, seed=5)


def test_a_disk_that_fills_up_during_the_run_is_one_sentence_and_what_was_recorded_stays(
    tmp_path, monkeypatch
):
    """A limit on the size of files stands for the disk: the kernel refuses the write all the same."""
    start = subprocess.Popen

    def limited(words, **options):
        if "locust" not in words:
            return start(words, **options)
        # Python keeps the bytecode of a module as far as it could be written: later processes die of it.
        options["env"] |= {"PYTHONDONTWRITEBYTECODE": "1"}
        child = start(words, **options)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (8_192, 8_192))
        return child

    monkeypatch.setattr(children.subprocess, "Popen", limited)
    sentence = r"cannot be written \(File too large\): free some space"
    with hospital() as server, pytest.raises(LoadError, match=sentence):
        run(plan(server.open_target(), duration_s=30.0), tmp_path)
    kept = recheck(tmp_path)
    assert kept.requests > 0
    assert not kept.valid


def test_results_that_cannot_be_written_are_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with hospital() as server, pytest.raises(LoadError, match="cannot be written to"):
        run(plan(server.open_target()), tmp_path / "file" / "load")
