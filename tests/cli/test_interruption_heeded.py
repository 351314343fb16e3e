"""An interruption that falls into the finalizer of garbage ends the command all the same."""

import signal
import subprocess
import sys

import pytest

COMMAND = """
import os, time
from lab.cli.interruption import heed_interruptions

class Garbage:
    def __del__(self):
        os.kill(os.getpid(), {number})
        for _ in range(1000):
            pass

{heed}
try:
    Garbage()
    time.sleep({longest})
except KeyboardInterrupt:
    print("ended")
else:
    print("went on")
"""


def said(number: int, *, heed: bool, longest: float) -> str:
    code = COMMAND.format(number=number, heed="heed_interruptions()" if heed else "", longest=longest)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_heeded(number):
    assert said(number, heed=True, longest=60) == "ended"


def test_python_alone_loses_it():
    assert said(signal.SIGINT, heed=False, longest=0.5) == "went on"
