"""Every network is allowed."""

from lab.gateway import level1_network
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L1-01"
FLAW = "no network is refused"


def decide(peer, networks):
    del peer, networks
    return Decision(1, allow=True, rule="network", reason="never looked at")


if __name__ == "__main__":
    level1_network.decide = decide
    main()
