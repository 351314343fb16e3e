"""The load profiles of the hospital, one file each; adding a file adds a profile."""
