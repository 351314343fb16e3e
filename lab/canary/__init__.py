"""Marked patients that are planted in an application, so that a leak is recognised wherever it comes out."""
