"""The address in x-forwarded-for, which the caller writes, replaces that of the connection."""

import dataclasses

from lab.gateway import application
from lab.sandbox.serve import main

KILLED_BY = "L1-02"
FLAW = "x-forwarded-for is believed from anybody"

sound = application.head_of


def head_of(scope):
    request = sound(scope)
    said = request.header("x-forwarded-for").partition(",")[0].strip()
    return dataclasses.replace(request, peer=said or request.peer)


if __name__ == "__main__":
    application.head_of = head_of
    main()
