"""The token server grants the scopes that are asked for."""

from lab.fhir.scopes import Scopes
from lab.sandbox.serve import main

KILLED_BY = "L3-04-C"
FLAW = "the scopes granted are not narrowed to those registered"


if __name__ == "__main__":
    Scopes.within = lambda asked, _: asked
    main()
