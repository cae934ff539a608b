"""An AWS with a fleet in it, in this process: it answers requests as bytes, so that signing and parsing are measured.

Only sockets and TLS are left out. The answers are those of :mod:`bench.right_aws`, made once for each operation, with
the account, its external ID and the Region filled in.
"""

import inspect
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from html import escape
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import NAMESPACE_OID, UUID, uuid5

from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.model import Shape
from botocore.session import get_session

from bench.right_aws import PINECONE, RightAws
from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.sessions import new_session
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target

NAME: Final = "search"
ADMINISTRATOR: Final = "111122223333"
HOME: Final = "us-east-1"
_PAGE: Final = 100
_STACK: Final = "ID-OF-THE-STACK"
_TIME: Final = "2099-01-01T00:00:00Z"
_LINK: Final = {
    "vpc": {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]},
    "clients": {"cidrs": ["10.0.0.0/16"]},
}
Change = Callable[[dict[str, Any]], Any]


def fleet_of(accounts: int, *, regions: Sequence[str] = (HOME,)) -> FleetTargets:
    """Return a fleet of keys in made-up accounts, each with an external ID of its own."""
    settings = {"cmek": {"trust": {"regions": [HOME]}}}
    administrator = {"account": ADMINISTRATOR, "region": HOME}
    fleet = Fleet.model_validate(
        {
            "administrator": administrator,
            "permissions": "self-managed",
            "regions": list(regions),
            "settings": settings,
            "accounts": [_account(number) for number in range(accounts)],
        }
    )
    targets = [
        Target(account=_account(number), region=region, deployment=_deployment(number, region), role_region=regions[0])
        for number in range(accounts)
        for region in regions
    ]
    return FleetTargets(name=NAME, fleet=fleet, pinecone_account=PINECONE, targets=tuple(targets))


def _account(number: int) -> str:
    return f"{200000000000 + number}"


def _deployment(number: int, region: str) -> Deployment:
    cmek = {
        "role_name": naming.default_fleet_role_name(NAME),
        "trust": {"regions": [HOME], "external_id": str(UUID(int=number + 1, version=4))},
        "key": {"rotation_days": 365, "administrators": [f"arn:aws:iam::{_account(number)}:role/KeyAdministrators"]},
    }
    return Deployment.model_validate({"account": _account(number), "region": region, "cmek": cmek})


def stack_arn(account: str, region: str) -> str:
    """Return the ARN of a target's stack."""
    name = f"StackSet-{naming.cmek_stack(NAME)}-{uuid5(NAMESPACE_OID, account + region)}"
    return f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid5(NAMESPACE_OID, name)}"


@dataclass
class FleetAws:
    """Answers about a fleet in which everything is as configured; a session and its HTTP connections in one.

    Attributes:
        latency: seconds before each answer.
        changes: what differs in an account, by account and operation: a function of the answer, which it changes, or
            the error code with which the call is refused. The account of AssumeRole is that of the role.
        missing: the targets without a stack instance.
        reuse: whether clients are kept for the next AWS of this process: creating them takes longer than the rest.
        calls: account, Region and operation of each request.
        keys: the access keys with which requests were signed.
    """

    fleet: FleetTargets
    latency: float = 0.0
    changes: dict[tuple[str, str], Change | str] = field(default_factory=dict)
    missing: frozenset[tuple[str, str]] = frozenset()
    reuse: bool = False
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    tags: Mapping[str, str] = field(default_factory=lambda: {naming.FLEET_TAG: NAME})
    instances: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def clients(self, region: str = HOME, *, key: str = f"ASIA{ADMINISTRATOR}") -> Clients:
        """Return clients that are answered here."""
        session = new_session(aws_access_key_id=key, aws_secret_access_key="x", aws_session_token="x")  # noqa: S106
        return Clients(_Session(self, session), region)

    def shared(self, region: str) -> Clients:
        """Return clients to be signed for the accounts."""
        return self.clients(region, key="NOBODY")

    def prepare(self) -> None:
        """Make the answers, so that a measurement does not include it."""
        for operation in ("AssumeRole", "DescribeStackSet", "ListStackInstances", "GetCallerIdentity"):
            _shape(operation)
        for operation, as_json in _OPERATIONS.items():
            self._text(self.fleet.targets[0].account, HOME, operation, {}, None, as_json=as_json)

    # --- The HTTP session of a client ---

    def send(self, request: Any) -> AWSResponse:
        """Answer a request after the latency."""
        key, region, body, operation, as_json = _read(request)
        asked = {name: values[0] for name, values in parse_qs(body).items()} if not as_json else {}
        account = asked["RoleArn"].split(":")[4] if operation == "AssumeRole" else key[4:]
        with self._lock:
            self.calls.append((account, region, operation))
            self.keys.add(key)
        if self.latency:
            time.sleep(self.latency)
        change = self.changes.get((account, operation))
        if isinstance(change, str):
            return _refusal(request.url, change, as_json=as_json)
        text = self._text(account, region, operation, asked, change, as_json=as_json)
        kind = "application/x-amz-json-1.1" if as_json else "text/xml"
        return _response(request.url, 200, kind, text)

    def close(self) -> None:
        """Do nothing: there are no connections."""

    # --- Answers ---

    def _text(
        self, account: str, region: str, operation: str, asked: dict[str, str], change: Change | None, *, as_json: bool
    ) -> str:
        special = {
            "AssumeRole": lambda: _assumed(account),
            "GetCallerIdentity": lambda: {"Account": account, "Arn": f"arn:aws:iam::{account}:user/a", "UserId": "A"},
            "DescribeStackSet": self._stack_set,
            "ListStackInstances": lambda: self._page(asked.get("NextToken")),
        }.get(operation)
        if special is not None:
            return _rendered(operation, special(), as_json=as_json)
        if change is None:
            with self._lock:
                if operation not in self._made:
                    self._made[operation] = _rendered(operation, self._right(operation), as_json=as_json)
            text = self._made[operation]
        else:
            answer = self._right(operation)
            text = _rendered(operation, change(answer) or answer, as_json=as_json)
        first = self.fleet.targets[0]
        return (
            text.replace(str(_external_id(first.deployment)), self._external_ids[account])
            .replace(first.account, account)
            .replace(f":kms:{HOME}:", f":kms:{region}:")
            .replace(_STACK, stack_arn(account, region))
        )

    @cached_property
    def _external_ids(self) -> dict[str, str]:
        return {each.account: str(_external_id(each.deployment)) for each in self.fleet.targets}

    @cached_property
    def _sample(self) -> RightAws:
        first = self.fleet.targets[0].deployment
        link = Deployment.model_validate({"account": first.account, "region": HOME, "private_link": _LINK}).private_link
        return RightAws({NAME: first.model_copy(update={"private_link": link})})

    def _right(self, operation: str) -> dict[str, Any]:
        call = getattr(self._sample, f"answer_{xform_name(operation)}")
        key = next(part for part in self._sample._names if str(part).startswith("arn:aws:kms"))
        known = {
            "StackName": naming.cmek_stack(NAME),
            "RoleName": naming.default_fleet_role_name(NAME),
            "KeyId": key,
            "Names": list[str](),
            "PolicyName": "default",
            "Limit": 1,
        }
        wanted = [name for name in inspect.signature(call).parameters if name in known]
        answer: dict[str, Any] = call(**{name: known[name] for name in wanted})
        if operation == "DescribeStacks":
            stack = {"Description": "A key. Pinekeep 1.2.3", "EnableTerminationProtection": False, "StackId": _STACK}
            answer["Stacks"][0] |= stack
        return answer

    def _stack_set(self) -> dict[str, Any]:
        name = naming.cmek_stack(NAME)
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {"StackSet": {"StackSetName": name, "StackSetId": f"{name}:1", "Status": "ACTIVE", "Tags": tags}}

    def _page(self, token: str | None) -> dict[str, Any]:
        places = [(each.account, each.region) for each in self.fleet.targets]
        places = [place for place in places if place not in self.missing]
        start = int(token or 0)
        summaries = [
            {
                "Account": account,
                "Region": region,
                "StackId": stack_arn(account, region),
                "Status": "CURRENT",
                "DriftStatus": "NOT_CHECKED",
                **self.instances.get((account, region), {}),
            }
            for account, region in places[start : start + _PAGE]
        ]
        more = {"NextToken": str(start + _PAGE)} if start + _PAGE < len(places) else {}
        return {"Summaries": summaries, **more}


_KEPT: Final[dict[tuple[str, str, str], Any]] = {}


class _Session:
    def __init__(self, aws: FleetAws, session: Any) -> None:
        self._aws = aws
        self._session = session

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        known = (service_name, region_name, self._session.get_credentials().access_key)
        made = _KEPT.get(known) if self._aws.reuse else None
        made = made or self._session.client(service_name, region_name=region_name, config=config)
        if self._aws.reuse:
            _KEPT[known] = made
        made._endpoint.http_session = self._aws
        return made


class _Raw:
    """The body of a response."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._content


def _read(request: Any) -> tuple[str, str, str, str, bool]:
    """Return access key, Region, body, operation, and whether the protocol is JSON."""
    found = re.search(r"Credential=(\w[\w-]*)/\d+/([\w-]+)/", _text_of(request.headers["Authorization"]))
    assert found
    body, target = _text_of(request.body), _text_of(request.headers.get("X-Amz-Target") or "")
    operation = target.rpartition(".")[2] or parse_qs(body)["Action"][0]
    return found[1], found[2], body, operation, bool(target)


def _text_of(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")


def _external_id(deployment: Deployment) -> str | None:
    return deployment.cmek.trust.external_id if deployment.cmek else None


def _assumed(account: str) -> dict[str, Any]:
    keys = {"AccessKeyId": f"ASIA{account}", "SecretAccessKey": "x", "SessionToken": "x", "Expiration": _TIME}
    arn = f"arn:aws:sts::{account}:assumed-role/PinekeepFleetVerification/pinekeep"
    return {"Credentials": keys, "AssumedRoleUser": {"AssumedRoleId": "AROA:pinekeep", "Arn": arn}}


def _response(url: str, status: int, kind: str, text: str) -> AWSResponse:
    headers: Any = {"content-type": kind}
    return AWSResponse(url, status, headers, _Raw(text.encode()))


def _refusal(url: str, code: str, *, as_json: bool) -> AWSResponse:
    status = 503 if code == "ServiceUnavailable" else 400 if as_json else 403
    if as_json:
        text = json.dumps({"__type": code, "message": "refused"})
    else:
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>refused</Message></Error></ErrorResponse>"
    return _response(url, status, "text/xml", text)


_OPERATIONS: Final = {
    **dict.fromkeys(("DescribeStacks", "GetRole", "ListRolePolicies", "ListAttachedRolePolicies"), False),
    **dict.fromkeys(("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants", "GetKeyLastUsage"), True),
    **dict.fromkeys(("GetParameters", "LookupEvents"), True),
}
"""The operations about an account, and whether the protocol is JSON."""
_SERVICES: Final = ("cloudformation", "iam", "sts", "kms", "ssm", "cloudtrail")


def _rendered(operation: str, answer: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(answer, default=datetime.timestamp)
    result = _xml(_shape(operation), answer)
    return f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"


@cache
def _shape(operation: str) -> Any:
    for service in _SERVICES:
        model = get_session().get_service_model(service)
        if operation in model.operation_names:
            return model.operation_model(operation).output_shape
    raise ValueError(operation)


def _xml(shape: Any, value: Any) -> str:
    assert isinstance(shape, Shape)
    members: Any = shape
    if shape.type_name == "structure":
        return "".join(
            f"<{name}>{_xml(each, value[name])}</{name}>" for name, each in members.members.items() if name in value
        )
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(members.member, each)}</member>" for each in value)
    if shape.type_name == "boolean":
        return str(value).lower()
    return escape(json.dumps(value) if isinstance(value, dict) else str(value))
