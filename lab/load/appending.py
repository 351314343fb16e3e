"""Append to a file of results; a disk that is full ends the run with its sentence, not with a traceback."""

from typing import IO

from lab.load.error import LoadError


def append(file: IO[bytes], text: bytes, *, now: bool = True) -> None:
    """Append, at once or when the buffer of the file is full.

    Raises:
        LoadError: the file takes no more; what is in it stays, half a line perhaps at its end.
    """
    try:
        file.write(text)
        if now:
            file.flush()
    except OSError as error:
        message = (
            f"The results cannot be written ({error.strerror}): free some space and play the load again. "
            "What was recorded before is kept."
        )
        raise LoadError(message) from None
