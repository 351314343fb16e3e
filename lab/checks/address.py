"""Whether a URL that a server gave leads back to it: a token is never sent anywhere else."""

from urllib.parse import urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


def is_absolute(url: str) -> bool:
    """Tell whether the URL names a scheme of HTTP and a host."""
    return _origin(url) is not None


def same_origin(base_url: str, url: str) -> bool:
    """Tell whether an absolute URL has the scheme, host and port of the base."""
    return is_absolute(url) and _origin(url) == _origin(base_url)


def resolved(base_url: str, url: str) -> str:
    """Return the absolute form of a URL that may be relative, an empty text when it has none."""
    try:
        return urljoin(base_url, url)
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
