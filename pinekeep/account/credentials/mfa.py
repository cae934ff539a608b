"""The prompt for an MFA code: at a terminal, once, and without echo."""

import getpass
import re
import shlex
import sys
from collections.abc import Callable
from typing import Final

from pinekeep.errors import AwsRefusedError

_CODE: Final = re.compile(r"[0-9]{6}")
"""Source: the parameter TokenCode, AWS STS API reference: AssumeRole (docs.aws.amazon.com, checked 2026-11-29)."""


def mfa_prompter(profile: str | None, *, of_the_file: bool) -> Callable[[str], str]:
    """Return the function that asks for an MFA code, in the form that botocore calls.

    ``profile``: the AWS profile that names the device; None for the default profile. ``of_the_file``: whether the
    configuration file names the profile. The function raises AwsRefusedError if there is no terminal, or the input is
    not a code.
    """
    named = profile or "default"

    def ask(prompt: str) -> str:
        device = prompt.rpartition(" for ")[2].strip(" :")
        if not _at_a_terminal():
            raise AwsRefusedError(
                f"AWS profile {named!r} needs a code of the MFA device {device}, and there is no terminal to "
                "enter it at",
                hint=_IN_THE_FILE
                if of_the_file
                else "start a session in a terminal, and export its credentials: "
                f'eval "$(aws configure export-credentials --profile {shlex.quote(named)} --format env)"',
            )
        try:
            code = getpass.getpass(prompt).strip()
        except EOFError:
            code = ""
        if not _CODE.fullmatch(code):
            raise AwsRefusedError(
                f"a code of the MFA device {device} is six digits, and something else was typed",
                hint="run the command again, and type the code that the device shows",
            )
        return code

    return ask


_IN_THE_FILE: Final = (
    "run it in a terminal, or set `profile` in the file to a profile without `mfa_serial`, or `assume_role` to a role "
    "that the current credentials may assume"
)


def _at_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
