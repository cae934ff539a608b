"""Errors shown to users: a sentence, a hint and an exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command.

    A signal that ends the command gives 128 plus its number: 129 SIGHUP, 130 Ctrl-C, 143 SIGTERM.
    """

    FINE = 0
    CHECK_FAILED = 1
    WRONG_INPUT = 2
    AWS_REFUSED = 3
    FAULT = 4


class PinekeepError(Exception):
    """An error that ends a command.

    Attributes:
        message: one sentence without a full stop, for the user.
        hint: what to do about it, or None.
        exit_code: the exit code of the command.
    """

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongInputError(PinekeepError):
    """The command line or the configuration is invalid. Nothing was changed."""

    exit_code = ExitCode.WRONG_INPUT


class AwsRefusedError(PinekeepError):
    """AWS refused a call, or could not be reached.

    Attributes:
        transient: whether a retry may succeed: throttling, a failure in AWS, an interrupted network.
    """

    exit_code = ExitCode.AWS_REFUSED

    def __init__(self, message: str, *, hint: str | None = None, transient: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.transient = transient


class DeclinedError(PinekeepError):
    """The user did not confirm. Nothing was changed."""
