"""From findings to a judged, written and readable run."""
