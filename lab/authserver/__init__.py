"""The SMART Backend Services token server of the sandbox."""
