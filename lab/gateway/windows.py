"""Windows of faults: between two instants, an application meets the same fault at each of its requests.

Acts are counted by requests, because they are about one answer; under load a fault lasts, whatever is asked.
Only the parent process opens windows (standard input of the sandbox): no request can.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts import outage, throttled
from lab.gateway.broken_off import broken_off

DOWN = "down"
"""The whole gateway is gone: every connection ends before an answer, whoever asks."""


@dataclass(frozen=True)
class Window:
    """A fault by its name, from ``begins`` to ``ends``, in seconds on the monotonic clock."""

    fault: str
    begins: float
    ends: float


def _cut(stage: Stage, answer: FhirResponse) -> FhirResponse:
    """Return the first half of an answer; what was asked is done all the same."""
    del stage
    half = answer.body[: len(answer.body) // 2]
    return FhirResponse(answer.status, headers=answer.headers, chunks=broken_off(half))


FAULTS: Mapping[str, Act] = {
    "unavailable": outage.ACT,
    "throttled": throttled.ACT,
    "cut": Act(name="cut", after=_cut),
}
"""What one application meets, by the name of the fault: 503; 429 with Retry-After; half an answer."""


class Windows:
    """The windows that were announced; none at first."""

    def __init__(self) -> None:
        self._windows: tuple[Window, ...] = ()

    def announce(self, windows: tuple[Window, ...]) -> None:
        """Replace the windows by these."""
        self._windows = windows

    def fault(self, now: float) -> str:
        """Return the fault of this instant, empty when there is none."""
        return next((one.fault for one in self._windows if one.begins <= now < one.ends), "")

    def act(self, now: float) -> Act | None:
        """Return what a request of this instant meets once it is known who asks."""
        return FAULTS.get(self.fault(now))


def gone() -> FhirResponse:
    """Return what a caller gets of a gateway that is down: a connection that ends."""
    return FhirResponse(502, chunks=broken_off(b""))
