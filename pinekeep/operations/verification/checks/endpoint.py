"""The interface endpoint: its state, what it leads to, and where it is."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import physical_ids
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import ExistingVpc
from pinekeep.model.facts import pinecone
from pinekeep.operations.verification.checks.check import CheckInfo, Subject, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, passed

AVAILABLE: Final = "available"
_EXISTS: Final = "the endpoint of the stack"
_SERVICE: Final = "an interface endpoint to Pinecone's endpoint service of the Region"
_PLACE: Final = "the configured VPC and subnets"

_MAKE_ANEW: Final = (
    "it does not come back: delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {endpoint} --region {region}), "
    "then make another: {anew}"
)

_IN_MORE: Final = (
    "Clients reach Pinecone as before; the endpoint has addresses in a subnet that nobody configured, and costs more."
)
_NOTHING_YET: Final = "Nothing gets through the endpoint to Pinecone yet."
_NOTHING: Final = "Nothing gets through the endpoint to Pinecone, and it will not come back."

STATES: Final = {
    "pendingAcceptance": (
        "Pinecone has not accepted the connection yet",
        f"register the endpoint in Pinecone: {pinecone.ENDPOINT_CONSOLE_PATH}; if it stays so, ask Pinecone's support",
        "Nothing gets through the endpoint until Pinecone accepts it.",
    ),
    "pending": ("it is being made", "wait a few minutes, then verify again", _NOTHING_YET),
    AVAILABLE: ("it works", None, None),
    "deleting": ("somebody is deleting it", f"find out who; then {_MAKE_ANEW}", _NOTHING),
    "deleted": ("somebody deleted it", _MAKE_ANEW, _NOTHING),
    "rejected": ("Pinecone rejected the connection", f"ask Pinecone's support why; then {_MAKE_ANEW}", _NOTHING),
    "failed": ("it could not be made", f"see the stack's events; then {_MAKE_ANEW}", _NOTHING),
    "expired": ("Pinecone did not accept the connection in time", _MAKE_ANEW, _NOTHING),
    "partial": (
        "it works in some of its subnets only",
        "see in the VPC console which network interface is missing; take that subnet out, or ask AWS",
        "Clients reach Pinecone through some zones and not through others.",
    ),
}
"""What each of facts.aws.ENDPOINT_STATES is, what to do where something is to be done, and what it means."""

_BY_LOWER: Final = {state.lower(): state for state in STATES}
"""The service writes a state's first letter now small, now capital."""


def anew(subject: Subject) -> str:
    """Return how another endpoint is made in the place of one that is gone, and what is to be done with it."""
    return (
        f"pinekeep deploy --revert-drift --deployment {subject.name}, register the new endpoint in Pinecone "
        f"({pinecone.ENDPOINT_CONSOLE_PATH}), and note it: pinekeep handoff --record --deployment {subject.name}"
    )


def _make_anew(subject: Subject, endpoint: Document, fix: str = _MAKE_ANEW) -> str:
    return fix.format(endpoint=endpoint["VpcEndpointId"], region=subject.deployment.region, anew=anew(subject))


def exists(subject: Subject, endpoint: Document | None, stack: Document | None) -> Iterator[Verdict]:
    """The endpoint is there."""
    if endpoint is not None:
        yield passed(endpoint["VpcEndpointId"], wanted=_EXISTS)
        return
    found = "there is no endpoint" if stack is None else "the stack's endpoint is gone"
    fix = subject.make(None) if stack is None else f"make another: {anew(subject)}"
    yield failed(found, wanted=_EXISTS, fix=fix)


def state(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    """The endpoint is available."""
    found = str(endpoint.get("State"))
    name = _BY_LOWER.get(found.lower(), found)
    words, fix, meaning = STATES.get(name, ("a state that nobody foresaw", "look at it in the VPC console", None))
    if fix is None:
        yield passed(name, wanted=AVAILABLE)
        return
    error = (endpoint.get("LastError") or {}).get("Code")
    yield failed(
        f"{name}: {words}" + (f" ({error})" if error else ""),
        wanted=AVAILABLE,
        fix=_make_anew(subject, endpoint, fix),
        meaning=meaning,
    )


def service(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    """The endpoint leads to Pinecone's endpoint service of the Region."""
    wanted = pinecone.PRIVATE_LINK[subject.deployment.region].service_name
    problems: list[str] = []
    if endpoint["ServiceName"] != wanted:
        problems.append(f"it leads to {endpoint['ServiceName']}")
    if endpoint.get("VpcEndpointType") != "Interface":
        problems.append(f"it is of type {endpoint.get('VpcEndpointType')}, not Interface")
    fix = f"neither can be changed in an endpoint; {_make_anew(subject, endpoint)}"
    yield judged(problems, right=wanted, wanted=wanted, fix=fix)


def place(subject: Subject, endpoint: Document, resources: list[Document]) -> Iterator[Verdict]:
    """The endpoint is in the configured VPC, with a network interface in each configured subnet."""
    vpc = subject.link.vpc
    if isinstance(vpc, ExistingVpc):
        vpc_ids, subnet_ids, count = [vpc.id], list(vpc.subnet_ids), len(vpc.subnet_ids)
    else:
        vpc_ids = physical_ids(resources, "AWS::EC2::VPC")
        subnet_ids = physical_ids(resources, "AWS::EC2::Subnet")
        count = len(vpc.availability_zones)
    found = set(endpoint.get("SubnetIds") or [])
    problems: list[str] = []
    if endpoint["VpcId"] not in vpc_ids:
        problems.append(f"it is in {endpoint['VpcId']}, not in {_listed(vpc_ids) or 'a VPC of the stack'}")
    if len(subnet_ids) != count:
        problems.append(f"the stack has {len(subnet_ids)} subnets, the configuration {count}")
    further = [f"it is in {each} too" for each in sorted(found - set(subnet_ids))]
    missing = [f"it is not in {each}" for each in sorted(set(subnet_ids) - found)]
    alone = bool(further) and not missing and not problems
    problems += [*further, *missing]
    wanted = f"{_listed(vpc_ids) or 'a VPC of the stack'}, {_listed(sorted(subnet_ids)) or f'{count} subnets'}"
    yield judged(
        problems,
        right=wanted,
        wanted=wanted,
        fix=f"if the configuration was changed: pinekeep deploy --deployment {subject.name}; if the endpoint was, "
        f"{subject.restore}",
        meaning=_IN_MORE if alone else None,
    )


def _listed(values: Any) -> str:
    return ", ".join(values)


CHECKS: Final = (
    CheckInfo(
        id="endpoint-exists",
        title="The endpoint",
        wanted=_EXISTS,
        meaning="Clients have no private way to Pinecone, and Pinecone has an endpoint registered that is no more.",
        reads=("endpoint", "private_link_stack"),
        applies=with_link,
        run=exists,
        sees_absence=True,
        promised=True,
    ),
    CheckInfo(
        id="endpoint-state",
        title="State of the endpoint",
        wanted=AVAILABLE,
        meaning="Nothing, or not everything, gets through the endpoint to Pinecone.",
        reads=("endpoint",),
        applies=with_link,
        run=state,
    ),
    CheckInfo(
        id="endpoint-service",
        title="Endpoint service of the endpoint",
        wanted=_SERVICE,
        meaning="The endpoint leads somewhere else than to the Region's Pinecone indexes.",
        reads=("endpoint",),
        applies=with_link,
        run=service,
        promised=True,
    ),
    CheckInfo(
        id="endpoint-place",
        title="VPC and subnets of the endpoint",
        wanted=_PLACE,
        meaning="Clients in a missing subnet's zone lose the way to Pinecone, or others have gained one.",
        reads=("endpoint", "private_link_resources"),
        applies=with_link,
        run=place,
        promised=True,
    ),
)
