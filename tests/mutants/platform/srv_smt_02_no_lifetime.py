"""A token is issued without its lifetime."""

from lab.authserver import endpoints
from lab.sandbox.serve import main

KILLED_BY = "SRV-SMT-02"
FLAW = "the answer of the token endpoint lacks expires_in"

_sound = endpoints.token


def token(server, form, caller):
    answer = _sound(server, form, caller)
    return {name: value for name, value in answer.items() if name != "expires_in"}


if __name__ == "__main__":
    endpoints.token = token
    main()
