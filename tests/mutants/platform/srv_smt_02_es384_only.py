"""Assertions signed RS384 are refused, though the SMART configuration announces both algorithms."""

from lab.authserver import assertion
from lab.sandbox.serve import main

KILLED_BY = "SRV-SMT-02"
FLAW = "RS384 is announced and refused"


if __name__ == "__main__":
    assertion.ALGORITHMS = ("ES384",)
    main()
