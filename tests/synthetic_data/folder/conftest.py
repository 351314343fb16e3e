"""The fixtures of tiny blocks, for the tests of folders."""

from small_blocks import blocks_served, served, uninterrupted

__all__ = ["blocks_served", "served", "uninterrupted"]
