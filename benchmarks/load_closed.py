"""The lean engine as wrk and FastHttpUser are used: users who ask again at once; prints CPU a request.

Checks and recorder are on, as in a run; only the schedule is not. Its own process: gevent patches all of it.
"""

import gevent.monkey

gevent.monkey.patch_all()

import io  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from load import BUNDLE, planned  # noqa: E402

from lab.load.arrival import Arrival  # noqa: E402
from lab.load.readiness import Readiness  # noqa: E402
from lab.load.record import Recorder  # noqa: E402
from lab.load.session import Session  # noqa: E402
from lab.load.verify import verify  # noqa: E402
from lab.load.wire import Wire  # noqa: E402


def main() -> None:
    """Ask for so many seconds, by so many users."""
    port, seconds, users = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    plan = planned(port, 10, 1, "lean")
    wire = Wire(timeout_s=10.0, body_cap=1 << 20, readiness=Readiness(10.0).of)
    session = Session(plan, wire, since="")
    recorder = Recorder(io.BytesIO())
    count = [0]
    end = time.perf_counter() + seconds

    def user() -> None:
        arrival = Arrival("poll", "Encounter?_count=20", "one", BUNDLE)
        while (sent := time.perf_counter()) < end:
            recorder.depart(intended=sent, real=sent)
            answer = session.answer(arrival)
            done = time.perf_counter()
            outcome, reason = verify(arrival.expect, answer)
            if outcome != "ok":
                raise SystemExit(reason)
            recorder.sample(
                (0, "poll", answer.status, outcome, reason), intended_s=done - sent, service_s=done - sent
            )
            count[0] += 1

    began = time.process_time()
    gevent.joinall([gevent.spawn(user) for _ in range(users)], raise_error=True)
    recorder.flush(at=seconds)
    print(f"CPU {(time.process_time() - began) / count[0] * 1e6:.2f} us, {count[0]} requests")


if __name__ == "__main__":
    main()
