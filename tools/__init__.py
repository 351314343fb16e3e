"""Development-time programs; nothing here is shipped in the package."""
