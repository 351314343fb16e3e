"""An answer that cannot be read without doubt: what was wrong with it, in a few stable words."""


class MalformedError(Exception):
    """``status`` is that of its head, 0 where there was no head that can be read."""

    def __init__(self, failure: str, status: int = 0) -> None:
        super().__init__(failure)
        self.failure = failure
        self.status = status
