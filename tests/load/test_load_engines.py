"""Two engines, one by us and one by others: on the same plan they count the same."""

from collections import Counter
from dataclasses import replace

import pytest
from load_hospital import hospital

from lab.load.catalogue import profiles
from lab.load.plan import build
from lab.load.reading import read
from lab.load.reserved import BESIDE
from lab.load.runner import run


@pytest.mark.parametrize("engine", ["lean", "fast"])
def test_neither_engine_waits_longer_than_the_timeout(tmp_path, engine):
    with hospital(latency_s=20.0) as server:
        made = build(profiles()["P02"], server.open_target(), duration_s=1.0, scale=1.0, seed=5)
        result = run(replace(made, engine=engine, timeout_s=0.5), tmp_path)
    assert result.errors == result.requests == len(made.arrivals)
    reasons = {key.reason for key in read(tmp_path / "samples.jsonl").cells if key.route not in BESIDE}
    assert reasons == {"timeout"}
    # From when it was sent, not from when it was due: a machine that is busy elsewhere sends late.
    assert [route for route in result.routes if not 400 <= route.service_p95 < 15_000] == []


@pytest.mark.parametrize("leaks", [False, True])
def test_both_engines_count_the_same(tmp_path, leaks):
    counts = []
    for engine in ("lean", "fast"):
        with hospital(leaks=leaks) as server:
            made = build(profiles()["P02"], server.target(), duration_s=2.0, scale=3.0, seed=5)
            made = replace(made, engine=engine, thresholds=("errors == 0",))
            result = run(made, tmp_path / engine)
        assert result.generator.engine == engine
        assert result.requests == len(made.arrivals)
        cells = read(tmp_path / engine / "samples.jsonl").cells
        count = Counter()
        for key, cell in cells.items():
            if key.route not in BESIDE:
                count[key._replace(second=0)] += cell.count
        counts.append(count)
        assert {key.outcome for key in count} == ({"ok", "refusal", "leak"} if leaks else {"ok", "refusal"})
    assert counts[0] == counts[1]
