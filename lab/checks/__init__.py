"""The checks of the laboratory: one family per file, found by folder."""
