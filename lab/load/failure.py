"""Why a network failed, in a few stable words, fit to be counted."""


def failure(error: Exception) -> str:
    """Return the words for an error of a socket."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionError):
        return "connection lost"
    return type(error).__name__
