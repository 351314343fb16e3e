"""Run folders of loads whose polls take a known time, as `lab load` leaves them."""

from random import Random

from lab.certification.folder import RunFolder
from lab.load.arrival import Arrival
from lab.load.judge import PLAN_FILE as LOAD_PLAN
from lab.load.plan import LoadPlan
from lab.load.reading import SAMPLES_FILE
from lab.load.record import Key, Recorder
from lab.load.routes import BUNDLE
from lab.load.target import Persona
from lab.model.text import Text

PROFILE_PLAN = LoadPlan(
    profile="P02",
    title=Text(fr="Relève régulière", en="Steady poll"),
    base_url="http://127.0.0.1:9",
    token_url=None,
    duration_s=60.0,
    rate=10.0,
    scale=1.0,
    seed=1,
    thresholds=(),
    personas=(Persona("full"),),
    arrivals=tuple(Arrival("poll", "Patient", "full", BUNDLE, at=n / 10) for n in range(600)),
    slots=64,
)


def loaded(path, ratio, *, seed, plan=PROFILE_PLAN):
    """Write the folder of a load run whose polls take 20 ms times a ratio, and return it."""
    folder = RunFolder(path).load
    folder.mkdir(parents=True)
    (folder / LOAD_PLAN).write_bytes(plan.public().to_json())
    random = Random(seed)  # noqa: S311 - the same noise for the same seed
    with (folder / SAMPLES_FILE).open("wb") as file:
        recorder = Recorder(file)
        for arrival in plan.arrivals:
            took = ratio * 0.020 * random.lognormvariate(0, 0.15)
            recorder.depart(intended=arrival.at, real=arrival.at)
            recorder.sample(Key(int(arrival.at), "poll", 200, "ok", ""), intended_s=took, service_s=took)
        recorder.flush(at=plan.duration_s, complete=True)
    return path
