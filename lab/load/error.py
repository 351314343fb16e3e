"""What goes wrong in the load generator itself, never in the server under test."""


class LoadError(Exception):
    """A defect of the laboratory or of its inputs: no verdict can be given on the server under test."""
