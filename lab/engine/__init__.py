"""Run checks in a hermetic child process and turn what they say into findings."""
