"""What can go wrong, told to a person: a sentence, a hint, and the exit code that goes with it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the command, the same for every verb.

    A signal that ends it gives 128 and its number: 129 SIGHUP, 130 Ctrl-C, 143 SIGTERM.
    """

    FINE = 0
    CHECK_FAILED = 1
    WRONG_INPUT = 2
    AWS_REFUSED = 3
    FAULT = 4


class PinekeepError(Exception):
    """Anything that ends a command. The message is for the user and stands alone.

    Attributes:
        message: what is so, in one sentence without a full stop.
        hint: what to do about it, or None.
        exit_code: how the command ends.
    """

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongInputError(PinekeepError):
    """The command line or the configuration is not right; nothing was changed."""

    exit_code = ExitCode.WRONG_INPUT


class AwsRefusedError(PinekeepError):
    """AWS, or the way to it, said no.

    Attributes:
        transient: whether it may pass by itself: AWS asked too often or failing, a network that is cut.
    """

    exit_code = ExitCode.AWS_REFUSED

    def __init__(self, message: str, *, hint: str | None = None, transient: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.transient = transient


class DeclinedError(PinekeepError):
    """The user was asked and did not say yes; nothing was changed."""
