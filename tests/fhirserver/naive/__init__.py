"""Random hospitals and searches, to compare the server with ``lab.proof.reference.search``."""
