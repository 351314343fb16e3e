"""The files are those that were written: none missing, foreign, truncated or changed since."""

import hashlib
from collections.abc import Iterator, Sequence

from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Reading, Readings
from synthetic_data.verification.folder import ANSWERS, MANIFEST, DataFile
from synthetic_data.verification.hospital import Hospital

NAME = "digests"


def _judge(hospital: Hospital, _gathered: Sequence[Gathered], readings: Readings) -> Judgement:
    defects: list[Defect] = []
    for file in hospital.folder.files:
        own = [block for block in readings.blocks if block.file == file.name]
        defects += _of_file(hospital, file, own, readings)
    defects += _answers(hospital, readings)
    defects += _strangers(hospital)
    numbers = {"files": len(hospital.folder.files), "blocks": len(readings.blocks)}
    return Judgement(tuple(defects), numbers)


def _of_file(
    hospital: Hospital, file: DataFile, blocks: Sequence[Reading], readings: Readings
) -> Iterator[Defect]:
    path = hospital.folder.path / file.name
    if not path.is_file():
        yield Defect(NAME, file.name, "missing file", "the file", "none")
        return
    size = path.stat().st_size
    if size != file.bytes:
        yield Defect(NAME, file.name, "size", f"{file.bytes} bytes", f"{size} bytes")
    if sum(file.blocks) != file.bytes:
        yield Defect(
            NAME, file.name, "blocks", f"blocks of {file.bytes} bytes in all", f"{sum(file.blocks)} bytes"
        )
    if readings.files[file.name] != file.sha256:
        yield Defect(NAME, file.name, "SHA-256 of the file", file.sha256, readings.files[file.name])
    for block in blocks:
        if block.trouble:
            yield Defect(
                NAME, file.name, "unreadable block", "a whole block", f"block {block.number}: {block.trouble}"
            )
    digest = hashlib.sha256(b"".join(block.digest for block in blocks)).hexdigest()
    if digest != file.content_sha256:
        yield Defect(NAME, file.name, "SHA-256 of the content", file.content_sha256, digest)
    lines = sum(block.lines for block in blocks)
    if lines != file.lines:
        yield Defect(NAME, file.name, "lines", str(file.lines), str(lines))


def _answers(hospital: Hospital, readings: Readings) -> Iterator[Defect]:
    for name, digest in hospital.folder.answers.items():
        seen = readings.files.get(f"{ANSWERS}/{name}", "no file")
        if seen != digest:
            yield Defect(NAME, f"{ANSWERS}/{name}", "SHA-256 of the file", digest, seen)


def _strangers(hospital: Hospital) -> Iterator[Defect]:
    known = {MANIFEST, ANSWERS} | {file.name for file in hospital.folder.files}
    for path in sorted(hospital.folder.path.iterdir()):
        if path.name not in known:
            yield Defect(
                NAME, path.name, "foreign file", "files of the manifest only", "a file it does not name"
            )


CHECK = Check(NAME, "files, blocks and lines are those of the manifest, to the byte", _judge)
