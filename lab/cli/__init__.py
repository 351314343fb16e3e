"""The command line: one file per command group, heavy imports inside the commands."""

import signal
import sys


def main() -> None:
    """Run ``lab``."""
    from lab.cli.app import app  # noqa: PLC0415 - so that `import lab.cli` stays light

    # Whoever ends the laboratory gets what Ctrl-C gets: processes stopped, what was seen kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(app())


__all__ = ["main"]
