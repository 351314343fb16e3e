"""Reports of a certification, rendered from its run document alone: an HTML attestation and a JUnit file."""

from reports.folder import write_reports
from reports.html import render_html
from reports.junit import render_junit

__all__ = ["render_html", "render_junit", "write_reports"]
