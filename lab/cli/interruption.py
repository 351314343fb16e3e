"""Ctrl-C and SIGTERM end a command, also when they come while garbage is collected.

Python raises an interruption in whatever runs next. Where that is the ``__del__`` of some garbage, it is
printed and the command goes on: it is then sent again a moment later.

Spec: https://docs.python.org/3/library/sys.html#sys.unraisablehook
"""

import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_MOMENT_S = 0.05


def heed_interruptions() -> None:
    """Take SIGTERM for Ctrl-C, and lose neither."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.unraisablehook = _again


def _again(lost: "UnraisableHookArgs") -> None:
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    # Not at once: it would be raised in here, and lost again. As a signal, it ends what waits.
    main = threading.main_thread().ident or 0
    timer = threading.Timer(_MOMENT_S, signal.pthread_kill, (main, signal.SIGINT))
    timer.daemon = True
    timer.start()
