"""What the exit code of a command says; the README has the table."""

USAGE = 2
LABORATORY = 3
UNREACHABLE = 4
INCOMPLETE = 5
