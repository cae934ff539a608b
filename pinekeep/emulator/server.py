"""An embedded AWS for the duration of a `with` block."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION, Connection, LocalSession, check_account
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.organization import Units, organize
from pinekeep.emulator.process import ServerProcess
from pinekeep.emulator.resolution import DnsAnswer, ask
from pinekeep.emulator.services import PROVIDER_ACCOUNT, EndpointServices, to_settings
from pinekeep.emulator.snapshots import restore_snapshot, take_snapshot
from pinekeep.emulator.stack_sets import InstanceRule, QuotaName, add_rule, clear_rules, set_quota
from pinekeep.emulator.version import check_version


def aws_process(
    *, account: str, region: str, endpoint_services: EndpointServices | None, detached: bool = False
) -> ServerProcess:
    """Return the process, not started. Raises LocalAwsError for an invalid account or another ministack version."""
    check_version()
    services = to_settings(endpoint_services)
    settings = {"account": check_account(account), "region": region, "endpoint_services": services}
    return ServerProcess("aws", settings=settings, detached=detached)


class EmbeddedAws:
    """A private AWS on a free loopback port, which ends with the block or with this process.

    The root user of ``account`` is the default caller. ``endpoint_services``: third-party endpoint services by service
    name. Raises LocalAwsError if the account number is invalid.
    """

    def __init__(
        self,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        endpoint_services: EndpointServices | None = None,
    ) -> None:
        self.account = check_account(account)
        self.region = region
        self._endpoint_services = endpoint_services
        self._server: ServerProcess | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start it, unless it runs, and wait until it answers. Raises as :meth:`ServerProcess.start` does."""
        if self._server is None:
            self._server = aws_process(
                account=self.account, region=self.region, endpoint_services=self._endpoint_services
            )
            try:
                self._server.start()
            except BaseException:
                self._server = None
                raise
        return self

    def stop(self) -> None:
        """Stop it, if it runs, and delete its folder."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    # Each of the following raises LocalAwsError, when it does not run.

    @property
    def endpoint_url(self) -> str:
        """Its address."""
        return self._running.endpoint_url

    @property
    def pid(self) -> int:
        """The server's process ID."""
        return self._running.pid

    @property
    def folder(self) -> Path:
        """Its private folder, with `server.log`."""
        return self._running.folder

    @property
    def connection(self) -> Connection:
        """The address and the default caller."""
        return Connection(endpoint_url=self.endpoint_url, account=self.account, region=self.region, folder=self.folder)

    def environment(
        self, account: str | None = None, *, credentials: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the environment of a child process; see `Connection.environment`."""
        return self.connection.environment(account, credentials=credentials)

    def session(
        self, account: str | None = None, *, credentials: Mapping[str, str] | None = None, region: str | None = None
    ) -> LocalSession:
        """Return a boto3 session bound to it; see `Connection.session`."""
        return self.connection.session(account, credentials=credentials, region=region)

    def take_snapshot(self, name: str) -> None:
        """Keep a copy of all that is in it; see :mod:`pinekeep.emulator.snapshots`."""
        take_snapshot(self._running.port, name)

    def restore_snapshot(self, name: str) -> None:
        """Go back to a copy. Raises LocalAwsError, when there is none of that name."""
        restore_snapshot(self._running.port, name)

    def organize(self, units: Units, *, management: str | None = None) -> dict[str, str]:
        """Add units and accounts to the organization of an account; see :mod:`pinekeep.emulator.organization`."""
        return organize(self._running.port, management=management or self.account, units=units)

    def add_instance_rule(self, rule: InstanceRule) -> None:
        """Make instances of stack sets fail, or wait; see :mod:`pinekeep.emulator.stack_sets`."""
        add_rule(self._running.port, rule)

    def clear_instance_rules(self) -> None:
        """Remove all rules about instances of stack sets; those that wait go on."""
        clear_rules(self._running.port)

    def set_stack_set_quota(self, name: QuotaName, value: int | None) -> None:
        """Set a quota of StackSets for all accounts; None for AWS's default."""
        set_quota(self._running.port, name, value)

    def resolve(self, vpc_id: str, name: str, record_type: str = "A") -> DnsAnswer:
        """Return what a client in a VPC, of any account and Region, gets for a name.

        Raises LocalAwsError for an unknown VPC.
        """
        return ask(self._running.port, vpc_id=vpc_id, name=name, record_type=record_type)

    def accept_endpoint(self, endpoint_id: str) -> None:
        """Accept an endpoint as the provider of its service. Raises LocalAwsError for an unknown endpoint."""
        self._provider("accept_vpc_endpoint_connections", endpoint_id)

    def reject_endpoint(self, endpoint_id: str) -> None:
        """Reject an endpoint as the provider of its service. Raises LocalAwsError for an unknown endpoint."""
        self._provider("reject_vpc_endpoint_connections", endpoint_id)

    def _provider(self, call: str, endpoint_id: str) -> None:
        ec2 = self.session(PROVIDER_ACCOUNT).client("ec2")
        asked = [{"Name": "vpc-endpoint-id", "Values": [endpoint_id]}]
        found = ec2.describe_vpc_endpoint_connections(Filters=asked)["VpcEndpointConnections"]
        if not found:
            raise LocalAwsError(f"no endpoint service of {self.region} has the endpoint {endpoint_id}")
        getattr(ec2, call)(ServiceId=found[0]["ServiceId"], VpcEndpointIds=[endpoint_id])

    @property
    def _running(self) -> ServerProcess:
        if self._server is None:
            raise LocalAwsError("the embedded AWS is not running", hint="call start() or use it in a `with` block")
        return self._server
