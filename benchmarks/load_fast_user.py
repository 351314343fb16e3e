"""A locustfile: Locust's FastHttpUser as its manual shows it, with our check; prints CPU a request."""

import os
import time

from locust import FastHttpUser, events, task
from locust.env import Environment

BEARER = {"Authorization": "Bearer " + "x" * 600, "Accept": "application/fhir+json"}
began = [0.0, 0]


class Reader(FastHttpUser):
    """Asks again and again, without a pause."""

    @task
    def ask(self) -> None:
        """Ask for one page and look at the answer."""
        with self.client.get(
            "/Encounter?_count=20", headers=BEARER, name="poll", catch_response=True
        ) as answer:
            if answer.status_code != 200 or b'"Bundle"' not in answer.content:
                answer.failure("unexpected body")


@events.spawning_complete.add_listener
def begin(**_: object) -> None:
    """Start to count when everybody is there."""
    began[:] = time.process_time(), Reader.environment.stats.total.num_requests


@events.test_stop.add_listener
def end(environment: Environment, **_: object) -> None:
    """Say what a request cost."""
    count = environment.stats.total.num_requests - began[1]
    print(
        f"CPU {(time.process_time() - began[0]) / max(count, 1) * 1e6:.2f} us, {count} requests", flush=True
    )


@events.init.add_listener
def remember(environment: Environment, **_: object) -> None:
    """Give the listeners their environment."""
    Reader.environment = environment
    os.environ.pop("LOCUST_HOST", None)
