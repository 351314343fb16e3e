"""The revocation endpoint answers 200 and revokes nothing."""

from lab.authserver.tokens import Tokens
from lab.sandbox.serve import main

KILLED_BY = "L2-22-C"
FLAW = "a token that its client revoked stays in force"


if __name__ == "__main__":
    Tokens.revoke_one = lambda *_: None
    main()
