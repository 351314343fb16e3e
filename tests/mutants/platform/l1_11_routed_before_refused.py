"""The path is looked at before the network: a refused address learns which ones exist."""

from lab.gateway import application
from lab.sandbox.serve import main

KILLED_BY = "L1-11"
FLAW = "a refused address gets 404 for a path that names nothing, 403 for the others"

sound = application._network


def network(gateway, request):
    application._parsed(gateway, request)
    return sound(gateway, request)


if __name__ == "__main__":
    application._network = network
    main()
