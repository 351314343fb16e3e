"""The address in x-real-ip, which the caller writes, replaces that of the connection."""

import dataclasses

from lab.gateway import application
from lab.sandbox.serve import main

KILLED_BY = "L1-03"
FLAW = "x-real-ip is believed from anybody"

sound = application.head_of


def head_of(scope):
    request = sound(scope)
    said = request.header("x-real-ip").partition(",")[0].strip()
    return dataclasses.replace(request, peer=said or request.peer)


if __name__ == "__main__":
    application.head_of = head_of
    main()
