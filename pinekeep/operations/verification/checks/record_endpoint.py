"""The endpoints that Pinecone has registered, held against those that are live, with one way forward for each state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pinekeep.account.reads.answers import output_of
from pinekeep.account.reads.live import Document
from pinekeep.account.record.endpoint import GONE_STATES
from pinekeep.account.record.handover import HandedOver
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import Output
from pinekeep.operations.verification.checks.check import Subject, everywhere, registry
from pinekeep.operations.verification.checks.endpoint import anew
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed
from pinekeep.operations.verification.checks.record import AS_GIVEN, GONE

_CLIENTS: Final = "Clients reach Pinecone through it, and no file says so any more."
_REGISTERED_GONE: Final = (
    "Pinecone has an endpoint registered that no longer exists; clients have no private connection."
)
_REFUSED: Final = "The project has another endpoint registered: requests through this one are refused."
_UNFINISHED: Final = "It was to be taken away. Where Pinecone has removed it, requests through it are refused."


@dataclass(frozen=True, kw_only=True)
class _Endpoints:
    """What was handed over, and the endpoints that are live, of all that the stack or the record knows.

    ``serving`` is the one of the stack that serves clients, ``standby`` the one beside it.
    """

    subject: Subject
    handed: HandedOver
    live: frozenset[str]
    serving: str | None
    standby: str | None

    @property
    def registered(self) -> tuple[str, ...]:
        """The registered ones, live or not."""
        return self.handed.registered_endpoints

    @property
    def alive(self) -> list[str]:
        """The registered ones that are live."""
        return [each for each in self.registered if each in self.live]

    def run(self, command: str) -> str:
        """Return a command for this deployment."""
        return self.subject.run(command)

    @property
    def destroy(self) -> str:
        """The command that retires the endpoint and takes it away."""
        return self.run("destroy")

    def register(self, endpoint: str, *, anew: bool = False) -> str:
        """Return how an endpoint is registered and recorded."""
        flag = " --endpoint-registered-anew" if anew else ""
        where = pinecone.ENDPOINT_CONSOLE_PATH
        return f"register {endpoint} in Pinecone ({where}), then: {self.run('handoff --record' + flag)}"


CHECKS: Final = registry()


@CHECKS.add(
    id="handed-over-endpoint",
    title="Handed over: endpoint ID",
    wanted=AS_GIVEN,
    meaning=_REFUSED,
    reads=("parameters", "private_link_stack", "endpoints"),
    applies=everywhere,
    sees_absence=True,
)
def _endpoint(
    subject: Subject, _: object, stack: Document | None, endpoints: list[Document] | None
) -> Iterator[Verdict]:
    record = subject.record
    if record is None:
        return
    found = _Endpoints(
        subject=subject,
        handed=record.handed_over,
        live=frozenset(
            str(each["VpcEndpointId"]) for each in endpoints or () if str(each.get("State")).lower() not in GONE_STATES
        ),
        serving=output_of(stack, Output.VPC_ENDPOINT_ID),
        standby=output_of(stack, Output.STANDBY_VPC_ENDPOINT_ID),
    )
    if subject.deployment.private_link is None:
        yield from _not_in_the_file(found)
    elif found.serving in found.live:
        yield _serving(found, found.serving)
        yield from _beside(found)
    elif found.registered:
        yield _gone(found)
    yield from _retired(found)


def _serving(found: _Endpoints, serving: str) -> Verdict:
    if serving in found.registered:
        return passed(AS_GIVEN, wanted=f"{AS_GIVEN}: {serving}")
    if serving in found.handed.retired_endpoints:
        return failed(
            f"{serving} is there and noted as retired",
            wanted="a retired endpoint is gone",
            fix=f"take it away again, which did not finish: {found.destroy}",
            meaning=_UNFINISHED,
        )
    if not found.registered:
        return noted(f"{serving} is not recorded as registered with Pinecone", fix=found.register(serving))
    fix = found.register(serving, anew=any(each != found.standby for each in found.alive))
    return failed(serving, wanted=f"{AS_GIVEN}: {found.registered[0]}", fix=fix)


def _beside(found: _Endpoints) -> Iterator[Verdict]:
    """The endpoints that do not serve clients are what the record says."""
    if found.standby in found.live and found.standby not in found.registered:
        yield noted(
            f"{found.standby}, on standby, is not recorded as registered with Pinecone",
            fix=found.register(found.standby),
        )
    if found.serving not in found.registered:
        return
    for each in found.registered:
        if each not in found.live:
            yield noted(
                f"{each} is registered with Pinecone and gone",
                fix=f"remove it in Pinecone ({pinecone.ENDPOINTS_CONSOLE_PATH}), then: {found.run('handoff --record')}",
            )


def _gone(found: _Endpoints) -> Verdict:
    link = found.subject.link
    made = f"{found.run('deploy')}; then register the new endpoint in Pinecone, and: {found.run('handoff --record')}"
    wanted = f"{AS_GIVEN}: {found.registered[0]}"
    if found.standby is not None and found.standby in found.alive:
        fix = f"write generation: {link.standby} and take standby out, then: {found.run('deploy')}"
    elif found.serving is not None:
        fix = f"create another: {anew(found.subject)}"
    elif found.alive:
        return failed(
            f"{found.alive[0]} is live, and no stack has it",
            wanted="the endpoint is in its stack",
            fix=f"retire it: {found.destroy}; then: {made}",
            meaning=_CLIENTS,
        )
    else:
        fix = made
    return failed(GONE, wanted=wanted, fix=fix, meaning=_REGISTERED_GONE)


def _not_in_the_file(found: _Endpoints) -> Iterator[Verdict]:
    for each in found.registered:
        wanted = f"{AS_GIVEN}: {each}"
        if each in found.live:
            yield failed(
                "it is still live and no longer in the file",
                wanted=wanted,
                fix=f"put private_link back into the file, or take the endpoint away: {found.destroy}",
                meaning=_CLIENTS,
            )
        else:
            yield failed(
                "it is gone and no longer in the file",
                wanted=wanted,
                fix=f"remove it in Pinecone ({pinecone.ENDPOINTS_CONSOLE_PATH}), then note that: {found.destroy}",
                meaning=_REGISTERED_GONE,
            )


def _retired(found: _Endpoints) -> Iterator[Verdict]:
    for each in found.handed.retired_endpoints:
        if each in found.live and each != found.serving:
            yield noted(
                f"{each} is retired and still live",
                wanted="a retired endpoint is gone",
                fix=f"aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {each} --region {found.subject.region}",
            )
