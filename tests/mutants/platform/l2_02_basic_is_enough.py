"""A Basic password, whatever it is, is as good as a token."""

from lab.authserver.tokens import Grant
from lab.gateway import level2_application
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L2-02"
FLAW = "Authorization: Basic is accepted without looking at the password"

sound = level2_application.decide


def decide(authorization, tokens, registry):
    if not authorization.startswith("Basic "):
        return sound(authorization, tokens, registry)
    someone = registry.get("reference-full")
    grant = Grant(someone.client_id, someone.scopes, expires=float("inf"), probing=True)
    return Decision(2, allow=True, rule="password", reason="never looked at"), grant, someone


if __name__ == "__main__":
    level2_application.decide = decide
    main()
