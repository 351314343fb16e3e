"""A command group whose first argument, when it names no command, is given to one of them.

``lab security APP.toml`` attacks; ``lab security prove`` is a command of its own.
"""

from typing import Any, ClassVar

from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """A group with the command ``default``."""

    default: ClassVar[str] = "attack"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command in front of what names none."""
        asks_help = args and args[0] in {"--help", "-h"}
        if args and not asks_help and args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
