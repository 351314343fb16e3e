"""Only the beginning of a token is compared."""

from lab.authserver import tokens
from lab.sandbox.serve import main

KILLED_BY = "L2-20"
FLAW = "what follows the twentieth character of a token is not looked at"

sound = tokens._digest


if __name__ == "__main__":
    tokens._digest = lambda token: sound(token[:20])
    main()
