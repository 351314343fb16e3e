"""Drawings as plain geometry, which one template writes as SVG; no colour means anything alone."""
