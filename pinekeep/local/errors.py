"""The one error that the embedded AWS raises on purpose."""


class LocalAwsError(Exception):
    """The embedded AWS could not do what was asked.

    In: `message`, one sentence that says what happened, and `hint`, what to do about it.
    Out: both as attributes; `str()` gives the message, then the hint after a blank line.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message
