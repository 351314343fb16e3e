"""Tell whether an address is this machine: nothing else is ever attacked, loaded or written to."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Tell whether the host of a URL is this machine, by its address and not by what its name begins with."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
