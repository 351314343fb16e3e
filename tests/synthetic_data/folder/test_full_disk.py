"""A full disk, anywhere: the error is told, what was written stays, the same call then goes on."""

import errno
import io
import os
import subprocess
from pathlib import Path

import pytest
from small_blocks import PLAN, contents

from synthetic_data.folder.draft import JOURNAL
from synthetic_data.folder.generate import generate_folder

pytestmark = pytest.mark.usefixtures("served")


class Disk:
    """What is left on a disk, in bytes; like a real one, it takes the beginning of what does not fit."""

    def __init__(self, left: int) -> None:
        self.left = left

    def put_in_place(self, patched: pytest.MonkeyPatch) -> None:
        """Let files be written to this disk."""

        def opened(path: Path, mode: str = "r", *arguments, **options):
            if mode not in ("ab", "wb"):
                return _open(path, mode, *arguments, **options)
            return io.BufferedWriter(_File(self, path, mode))

        patched.setattr(Path, "open", opened)


class _File(io.FileIO):
    def __init__(self, disk: Disk, path: Path, mode: str) -> None:
        super().__init__(path, mode)
        self._disk = disk

    def write(self, data) -> int:
        taken = bytes(data)[: self._disk.left]
        if data and not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._disk.left -= len(taken)
        return super().write(taken)


_open = Path.open


@pytest.fixture(scope="module")
def size(uninterrupted):
    return sum(map(len, uninterrupted.values()))


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.05, 0.2, 0.3, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0])
def test_the_work_resumes_once_there_is_room(served, uninterrupted, size, tmp_path, monkeypatch, share):
    folder = tmp_path / "h"
    with monkeypatch.context() as patched:
        Disk(int(share * size)).put_in_place(patched)
        with pytest.raises(OSError, match="No space left") as full:
            generate_folder(PLAN, folder)
    assert full.value.errno == errno.ENOSPC
    assert not (folder / "manifest.json").exists()
    journaled = len((folder / JOURNAL).read_bytes().splitlines(keepends=True)) - 1
    served.asked = []
    generate_folder(PLAN, folder)
    assert contents(folder) == uninterrupted
    assert len(served.asked) >= 3 - max(0, journaled)
    if share >= 0.7:
        assert len(served.asked) <= 2  # the first blocks were kept


def test_it_may_fill_many_times(uninterrupted, tmp_path, monkeypatch):
    folder, tries = tmp_path / "h", 0
    while True:
        tries += 1
        with monkeypatch.context() as patched:
            # Each time some more is freed, less than a block at first.
            Disk(40_000 * tries).put_in_place(patched)
            try:
                generate_folder(PLAN, folder)
                break
            except OSError as full:
                assert full.errno == errno.ENOSPC  # noqa: PT017 - it is tried again until it passes
    assert tries > 2
    assert contents(folder) == uninterrupted


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_real_small_disk(uninterrupted, size, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size // 2}", "none", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with pytest.raises(OSError, match="No space left"):
            generate_folder(PLAN, disk / "h")
        subprocess.run(["mount", "-o", f"remount,size={4 * size}", str(disk)], check=True)
        generate_folder(PLAN, disk / "h")
        assert contents(disk / "h") == uninterrupted
    finally:
        subprocess.run(["umount", str(disk)], check=True)
