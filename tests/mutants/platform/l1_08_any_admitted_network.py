"""Once a network is let in, it does for every application."""

from lab.gateway import level1_network
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L1-08"
FLAW = "a token is accepted from the network of another application"

sound = level1_network.decide


def decide(peer, networks):
    if peer == "127.0.0.8":
        return Decision(1, allow=True, rule="network", reason="somebody is allowed from there")
    return sound(peer, networks)


if __name__ == "__main__":
    level1_network.decide = decide
    main()
