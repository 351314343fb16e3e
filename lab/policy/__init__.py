"""A Permission for people: what it says, what to be wary of, and why one request is decided as it is."""
