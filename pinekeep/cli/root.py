"""The command itself: imports the subcommand, runs it, and turns every failure into a sentence and an exit code."""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from pinekeep import __version__
from pinekeep.account.process import OnceEach, listening
from pinekeep.cli.groups import LazyGroup
from pinekeep.cli.options import log, write_json
from pinekeep.cli.signals import asked_to_end, exit_code, sentence
from pinekeep.errors import ExitCode, PinekeepError

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Set up": ("init", "check", "permissions", "schema", "completion"),
    "Deploy": ("synth", "preflight", "plan", "deploy"),
    "Release": ("release", "parameters"),
    "Fleet": ("fleet",),
    "Verify": ("verify", "access"),
    "PrivateLink": ("private-link",),
    "Audit logs": ("audit",),
    "Monitoring": ("monitoring",),
    "Operate": ("revoke", "restore", "recover", "destroy", "offboard"),
    "Pinecone": ("handoff", "pinecone", "customer-template"),
    "Local": ("demo", "local"),
}
"""The commands as ``--help`` groups them; each is the module of its name in :mod:`pinekeep.cli.commands`."""
VERBS: Final = tuple(verb for section in SECTIONS.values() for verb in section)

DEBUG_VARIABLE: Final = "PINEKEEP_DEBUG"


class _Root(LazyGroup):
    """Suggests the command that was meant, and lists the commands by section."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from pinekeep.model.words import did_you_mean  # noqa: PLC0415 - only for an unknown command

        if args and not args[0].startswith("-") and args[0] not in VERBS:
            guess = did_you_mean(args[0], VERBS)
            text = f"{args[0]!r} is not a command; the commands are {', '.join(VERBS)}"
            raise click.UsageError(f"{text}; {guess}" if guess else text)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section. Click has no sections of its own."""
        width = max(map(len, VERBS))
        for title, verbs in SECTIONS.items():
            found = [(verb.ljust(width), self.get_command(ctx, verb)) for verb in verbs]
            room = formatter.width - width - 6
            with formatter.section(title):
                formatter.write_dl([(verb, each.get_short_help_str(room)) for verb, each in found if each])


@click.group(
    cls=_Root,
    verbs=VERBS,
    package="pinekeep.cli.commands",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="pinekeep", message="%(prog)s %(version)s")
def root() -> None:
    """Set up your side of AWS for Pinecone: the KMS key, the IAM role and the private endpoint.

    \b
    Exit codes:
      0 success
      1 a check failed
      2 wrong usage or configuration
      3 AWS or Pinecone refused
      4 pinekeep itself failed
      130 interrupted by Ctrl-C; 143 ended by SIGTERM, such as a cancelled pipeline; 129 by SIGHUP
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line ``arguments`` and return the exit code. Raises nothing."""
    try:
        with asked_to_end(), listening(OnceEach(log)):
            result = root.main(args=list(arguments), prog_name="pinekeep", standalone_mode=False)
            sys.stdout.flush()
        return result if isinstance(result, int) else ExitCode.FINE
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (KeyboardInterrupt, click.Abort) as error:
        sys.stderr.write(f"\n{sentence(error)}\n")
        return exit_code(error)
    except BrokenPipeError:
        # The reader of the output has closed it.
        _write_no_more()
        return ExitCode.FINE
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return ExitCode.WRONG_INPUT
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"`{context.command_path} --help` shows the usage" if context else None
        refusal = PinekeepError(error.format_message().rstrip("."), hint=hint)
        return _refuse(refusal, arguments, ExitCode.WRONG_INPUT)
    except PinekeepError as error:
        return _refuse(error, arguments, error.exit_code)
    except Exception as error:
        return _unexpected(error, arguments)


def _refuse(error: PinekeepError, arguments: Sequence[str], code: ExitCode) -> int:
    from pinekeep.cli.reporting import report_error  # noqa: PLC0415 - imports pydantic

    report_error(error)
    if "--json" in arguments:  # the error may have come before they were parsed
        from pinekeep.model.output.configuration import ErrorOutput  # noqa: PLC0415 - imports pydantic

        write_json(ErrorOutput.of(error, code))
    return code


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    """Report an unforeseen error: AWS's in its own words, a full disk as such, any other as a fault of Pinekeep."""
    from pinekeep.account.client.refusals import as_refusal  # noqa: PLC0415 - imports botocore

    if os.environ.get(DEBUG_VARIABLE):
        raise error
    if refusal := as_refusal(error):
        return _refuse(refusal, arguments, refusal.exit_code)
    if isinstance(error, OSError) and error.errno in _DISK:
        return _disk(error)
    fault = PinekeepError(
        f"pinekeep itself failed: {type(error).__name__}: {error}",
        hint=f"set {DEBUG_VARIABLE}=1 to see where; please report it",
    )
    return _refuse(fault, arguments, ExitCode.FAULT)


_DISK: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk can only be read",
    errno.EFBIG: "a file would grow too large",
    errno.EIO: "the disk fails",
}
"""The system's error numbers of a disk that cannot be written."""


def _disk(error: OSError) -> int:
    """Report a disk that cannot be written. The unwritten part may be the result itself, so no JSON follows."""
    _write_no_more()
    where = f" ({error.filename})" if error.filename else ""
    refusal = PinekeepError(
        f"{_DISK[error.errno or 0]}{where}, so not everything could be written",
        hint="make room, or set TMPDIR to another disk, then run it again; AWS continues what it has started",
    )
    return _refuse(refusal, (), ExitCode.CHECK_FAILED)


def _write_no_more() -> None:
    """Keep Python from failing when it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
