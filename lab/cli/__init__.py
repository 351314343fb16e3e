"""The command line: one file per command group, heavy imports inside the commands."""

import sys


def main() -> None:
    """Run ``lab``."""
    from lab.cli.app import app  # noqa: PLC0415 - so that `import lab.cli` stays light

    sys.exit(app())


__all__ = ["main"]
