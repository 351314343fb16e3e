"""What the exit code of a command says; the README has the table."""

NOT_FOUND = 1
"""``lab audit``: no event is about what was asked."""
USAGE = 2
LABORATORY = 3
UNREACHABLE = 4
INCOMPLETE = 5
