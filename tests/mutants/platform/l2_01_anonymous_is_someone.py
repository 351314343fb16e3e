"""A request without a token is served in the name of an application."""

from lab.authserver.tokens import Grant
from lab.gateway import level2_application
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L2-01"
FLAW = "a request without Authorization is served as reference-full"

sound = level2_application.decide


def decide(authorization, tokens, registry):
    if authorization:
        return sound(authorization, tokens, registry)
    someone = registry.get("reference-full")
    grant = Grant(someone.client_id, someone.scopes, expires=float("inf"), probing=True)
    return Decision(2, allow=True, rule="anybody", reason="never looked at"), grant, someone


if __name__ == "__main__":
    level2_application.decide = decide
    main()
