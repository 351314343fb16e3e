"""Whether this machine can send from a local address: nothing leaves to find out."""

import socket
from urllib.parse import urlsplit

_ANY_PORT = 9


def may_send(source: str, url: str) -> bool:
    """Tell whether a connection from ``source`` to the host of a URL can leave.

    A datagram socket is bound and connected, which asks the kernel for a way and sends nothing. A host whose
    name is not known is another matter: the first request will say so.
    """
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or _ANY_PORT
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except (OSError, ValueError):
        return True
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((source, 0))
            probe.connect(address)
    except OSError:
        return False
    return True
