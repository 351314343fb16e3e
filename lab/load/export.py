"""The results of a run as a Parquet file: one row for each second, route, status, outcome and latency bucket.

Source: https://parquet.apache.org/docs/file-format/
"""

from collections.abc import Iterator
from pathlib import Path

from lab.load.error import LoadError
from lab.load.histogram import middle_ms
from lab.load.judge import PLAN_FILE
from lab.load.plan import LoadPlan
from lab.load.reading import read, samples_files
from lab.load.record import Key

_LATENCIES = ("intended", "service")


def export(folder: Path, file: Path) -> int:
    """Write the samples of a run folder and return how many rows there are.

    Columns: generator, second, route, status, outcome, reason, latency (``intended`` or ``service``), ms,
    requests. Beside requests stand ``chart-opening`` and ``calibration``, each under its own route.

    Raises:
        LoadError: the folder holds no run, or the file cannot be written.
    """
    # Not needed by any run: half a second and 40 MB.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = list(_rows(folder))
    names = ("generator", *Key._fields, "latency", "ms", "requests")
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    table = pa.table({name: list(column) for name, column in zip(names, columns, strict=True)})
    try:
        pq.write_table(table, file, compression="zstd")
    except OSError as error:
        message = f"Cannot write {file}: {error}."
        raise LoadError(message) from None
    return len(rows)


def _rows(folder: Path) -> Iterator[tuple[object, ...]]:
    try:
        plan = LoadPlan.from_json((folder / PLAN_FILE).read_bytes())
    except FileNotFoundError:
        message = f"No load run in {folder}: give the load/ folder of a run (it holds {PLAN_FILE})."
        raise LoadError(message) from None
    for number, file in enumerate(samples_files(folder, plan.workers), 1):
        for key, cell in read(file).cells.items():
            for name, histogram in zip(_LATENCIES, (cell.intended, cell.service), strict=True):
                for bucket, count in sorted(histogram.buckets.items()):
                    yield (number, *key, name, middle_ms(bucket), count)
