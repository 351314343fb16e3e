"""The checks of a generated hospital: one file each, found by folder. See `checking.py`."""
