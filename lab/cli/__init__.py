"""The command line: one file per command group, heavy imports inside the commands."""

import sys
import traceback

from lab.cli.exit_codes import LABORATORY
from lab.cli.interruption import heed_interruptions


def main() -> None:
    """Run ``lab``."""
    from lab.cli.app import app  # noqa: PLC0415 - so that `import lab.cli` stays light

    # Whoever ends the laboratory gets what Ctrl-C gets: processes stopped, what was seen kept.
    heed_interruptions()
    try:
        code = app()
    except Exception as error:  # noqa: BLE001 - Python's own exit code would read "does not conform"
        traceback.print_exception(error)
        sys.stderr.write(f"Laboratory error: {error}. Please report it with the lines above.\n")
        code = LABORATORY
    sys.exit(code)


__all__ = ["main"]
