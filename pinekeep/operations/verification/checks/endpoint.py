"""The interface endpoint: its state, what it leads to, and where it is."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import physical_ids
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import ExistingVpc
from pinekeep.model.facts import pinecone
from pinekeep.operations.verification.checks.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, passed

AVAILABLE: Final = "available"

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


CHECKS: Final = registry(applies=with_link)


@CHECKS.add(
    id="endpoint-exists",
    title="The endpoint",
    wanted="the endpoint of the stack",
    meaning="Clients have no private way to Pinecone, and Pinecone has an endpoint registered that is no more.",
    reads=("endpoint", "private_link_stack"),
    sees_absence=True,
    promised=True,
)
def _exists(subject: Subject, endpoint: Document | None, stack: Document | None) -> Iterator[Verdict]:
    if endpoint is not None:
        yield passed(endpoint["VpcEndpointId"])
        return
    found = "there is no endpoint" if stack is None else "the stack's endpoint is gone"
    fix = subject.make(None) if stack is None else f"make another: {anew(subject)}"
    yield failed(found, fix=fix)


@CHECKS.add(
    id="endpoint-state",
    title="State of the endpoint",
    wanted=AVAILABLE,
    meaning="Nothing, or not everything, gets through the endpoint to Pinecone.",
    reads=("endpoint",),
)
def _state(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    found = str(endpoint.get("State"))
    name = _BY_LOWER.get(found.lower(), found)
    words, fix, meaning = STATES.get(name, ("a state that nobody foresaw", "look at it in the VPC console", None))
    if fix is None:
        yield passed(name)
        return
    error = (endpoint.get("LastError") or {}).get("Code")
    yield failed(
        f"{name}: {words}" + (f" ({error})" if error else ""), fix=_make_anew(subject, endpoint, fix), meaning=meaning
    )


@CHECKS.add(
    id="endpoint-service",
    title="Endpoint service of the endpoint",
    wanted="an interface endpoint to Pinecone's endpoint service of the Region",
    meaning="The endpoint leads somewhere else than to the Region's Pinecone indexes.",
    reads=("endpoint",),
    promised=True,
)
def _service(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    wanted = pinecone.PRIVATE_LINK[subject.deployment.region].service_name
    problems: list[str] = []
    if endpoint["ServiceName"] != wanted:
        problems.append(f"it leads to {endpoint['ServiceName']}")
    if endpoint.get("VpcEndpointType") != "Interface":
        problems.append(f"it is of type {endpoint.get('VpcEndpointType')}, not Interface")
    fix = f"neither can be changed in an endpoint; {_make_anew(subject, endpoint)}"
    yield judged(problems, wanted=wanted, fix=fix)


@CHECKS.add(
    id="endpoint-place",
    title="VPC and subnets of the endpoint",
    wanted="the configured VPC and subnets",
    meaning="Clients in a missing subnet's zone lose the way to Pinecone, or others have gained one.",
    reads=("endpoint", "private_link_resources"),
    promised=True,
)
def _place(subject: Subject, endpoint: Document, resources: list[Document]) -> Iterator[Verdict]:
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
        wanted=wanted,
        fix=f"if the configuration was changed: pinekeep deploy --deployment {subject.name}; if the endpoint was, "
        f"{subject.restore}",
        meaning=_IN_MORE if alone else None,
    )


def _listed(values: Any) -> str:
    return ", ".join(values)
