"""The lean engine: HTTP/1.1 as little as a load needs and as strictly as a verdict needs (RFC 9112)."""
