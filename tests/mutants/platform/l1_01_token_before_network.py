"""The token is looked at before the network: a bad one gets another answer than a good one."""

from lab.gateway import application, level2_application
from lab.sandbox.serve import main

KILLED_BY = "L1-01"
FLAW = "the token is looked at before the network"

sound = application._network


def network(gateway, request):
    authorization = request.header("authorization")
    refusal, grant, _ = level2_application.decide(authorization, gateway.tokens, gateway.registry)
    return refusal if authorization and grant is None else sound(gateway, request)


if __name__ == "__main__":
    application._network = network
    main()
