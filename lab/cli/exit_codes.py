"""What the exit code of a command says; the README has the table."""

NOT_FOUND = 1
"""``lab audit``: no event is about what was asked."""
NOT_COVERED = 1
"""``lab requirements coverage``: a SHALL has neither a check nor a reason."""
USAGE = 2
LABORATORY = 3
UNREACHABLE = 4
INCOMPLETE = 5
