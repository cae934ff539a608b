"""``pinekeep private-link check``: prove that this machine reaches an index through the endpoint."""

import os
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Command, log, write, write_json
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from pinekeep.operations.connectivity.client_check import Report


@click.command("check", cls=Command)
@click.option(
    "--host", metavar="HOST", help="The host of the index, public or private, or a file with its description as JSON."
)
@click.option(
    "--endpoint-address",
    "--endpoint-ip",
    "endpoint",
    metavar="ADDRESS",
    multiple=True,
    help="An address or the DNS name of the endpoint, to compare with. Repeat for several.",
)
@click.option(
    "--resolver",
    "resolvers",
    metavar="ADDRESS",
    multiple=True,
    help="Another DNS server to ask, to compare with. Repeat for several.",
)
@click.option("--timeout", metavar="SECONDS", help="The time limit of each step.  [default: 5]")
@click.option("--ca-file", metavar="FILE", help="Certificate authorities to trust instead of the machine's, as PEM.")
@click.option("--port", metavar="PORT", help="Another port than 443, for tests.")
@click.option(
    "--write-script",
    "script",
    metavar="FILE",
    help="Write the check as a file that needs Python alone; - for stdout.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the result to stdout as JSON.")
def command(
    *,
    host: str | None,
    endpoint: tuple[str, ...],
    resolvers: tuple[str, ...],
    timeout: str | None,
    ca_file: str | None,
    port: str | None,
    script: str | None,
    as_json: bool,
) -> int:
    """Check that a client reaches an index by the endpoint.

    Looks up the private name, connects on port 443, and verifies the certificate. With an API key in PINECONE_API_KEY,
    it also reads the statistics of the index. Names the step that fails, and the fix. Needs no file and no AWS
    credentials. Exit code 1: a step failed.
    """
    if script is not None:
        others = (host, *endpoint, *resolvers, timeout, ca_file, port)
        if any(each is not None for each in others):
            raise WrongInputError(
                "--write-script only writes the script, and takes no other option than --json",
                hint="run the script with the other options",
            )
        _write_script(script, as_json=as_json)
        return ExitCode.FINE
    if host is None:
        raise WrongInputError(
            "--host is missing", hint="give the `host` of the index, as `pinekeep pinecone status` shows it"
        )
    report = _check(host=host, endpoint=endpoint, resolvers=resolvers, timeout=timeout, ca_file=ca_file, port=port)
    if as_json:
        from pinekeep.model.output.connectivity import PrivateLinkCheckOutput  # noqa: PLC0415 - imports pydantic

        write_json(PrivateLinkCheckOutput.model_validate(report.as_json()))
    else:
        _show(report)
    return ExitCode.FINE if report.passed else ExitCode.CHECK_FAILED


def _check(
    *,
    host: str,
    endpoint: tuple[str, ...],
    resolvers: tuple[str, ...],
    timeout: str | None,
    ca_file: str | None,
    port: str | None,
) -> "Report":
    from pinekeep.operations.connectivity import client_check  # noqa: PLC0415 - only for this command

    try:
        options = client_check.Options(
            host=host,
            endpoint=endpoint,
            resolvers=resolvers,
            timeout=client_check.DEFAULT_TIMEOUT if timeout is None else timeout,
            port=str(client_check.PORT) if port is None else port,
            ca_file=ca_file,
            api_key=os.environ.get(client_check.KEY_VARIABLE),
        )
        return client_check.check(options)
    except client_check.InputError as error:
        raise WrongInputError(error.message, hint=error.fix) from None


def _show(report: "Report") -> None:
    from pinekeep.cli.findings import mark_of  # noqa: PLC0415
    from pinekeep.operations.connectivity.client_check import mark  # noqa: PLC0415

    for line in report.lines(lambda status: mark(status) if status == "skipped" else mark_of(status)):
        write(line)


def _write_script(given: str, *, as_json: bool) -> None:
    from pinekeep.operations.connectivity.script import script, write_script  # noqa: PLC0415

    if given == "-":
        if as_json:
            raise WrongInputError("--write-script - writes to stdout, as --json does", hint="give the name of a file")
        sys.stdout.write(script())
        return
    written = write_script(Path(given))
    if as_json:
        from pinekeep.model.output.connectivity import PrivateLinkScriptOutput  # noqa: PLC0415 - imports pydantic

        write_json(PrivateLinkScriptOutput(script=given, written=written))
        return
    log(f"{given} is written" if written else f"{given} is this script already")
    write(f"python3 {quote(given)} --host INDEX_HOST", verbatim=True)
