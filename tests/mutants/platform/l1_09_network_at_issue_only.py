"""The network of one application is not checked once it has a token."""

from lab.gateway import application, level1_network
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L1-09"
FLAW = "a token in force of the client is accepted from any network"

sound_network, sound_decide = application._network, level1_network.decide
ALLOWED = Decision(1, allow=True, rule="network", reason="checked when the token was issued")
trusted = set()


def network(gateway, request):
    grant = gateway.tokens.grant(request.header("authorization").removeprefix("Bearer "))
    trusted.discard(request.peer)
    if grant is not None and grant.client_id == "reference-client":
        trusted.add(request.peer)
        return ALLOWED
    return sound_network(gateway, request)


def decide(peer, networks):
    return ALLOWED if peer in trusted else sound_decide(peer, networks)


if __name__ == "__main__":
    application._network, level1_network.decide = network, decide
    main()
