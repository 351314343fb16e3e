"""The targets of distributions: one file each, found by folder. See `target.py`."""
