"""A fleet of made-up accounts and what CloudFormation answers about them, for handoff and Pinecone's projects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.models import role_arn_of
from pinekeep.operations.release.parameters import TRUST, Subject

NAME: Final = "search"
PINECONE: Final = "740000000001"
LINK: Final = {
    "vpc": {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
    "clients": {"cidrs": ["10.20.0.0/16"]},
}
Place = tuple[str, str]


def account(number: int) -> str:
    return f"{number:012}"


def external_id(number: int) -> str:
    return f"3f2b8a54-9c1d-4e7a-8b6f-{number:012x}"


def key_arn(place: Place) -> str:
    return f"arn:aws:kms:{place[1]}:{place[0]}:key/12345678-1234-4234-8234-{place[0]}"


def target(number: int, region: str = "us-east-1", *, cmek: Mapping[str, Any] | None = None, **parts: Any) -> Target:
    """Return the target of an account by number, with cmek unless another part is given."""
    if "private_link" not in parts:
        trust = {"regions": ["us-east-1"], "external_id": external_id(number)}
        parts = {"cmek": {"role_name": f"pinekeep-{NAME}", "trust": trust, **(cmek or {})}, **parts}
    deployment = Deployment.model_validate({"account": account(number), "region": region, **parts})
    return Target(account=account(number), region=region, deployment=deployment, role_region="us-east-1")


def fleet(*targets: Target, **settings: Any) -> FleetTargets:
    made = Fleet.model_validate(
        {
            "administrator": {"account": "111122223333", "region": "us-east-1"},
            "permissions": "self-managed",
            "regions": ["us-east-1"],
            "settings": {},
            **settings,
        }
    )
    return FleetTargets(name=NAME, fleet=made, pinecone_account=PINECONE, targets=targets)


def place(each: Target) -> Place:
    return each.account, each.region


def instance(each: Target, **changes: Any) -> Instance:
    arn = f"arn:aws:cloudformation:{each.region}:{each.account}:stack/StackSet-Pinekeep-search-Cmek-1/2"
    return replace(Instance(account=each.account, region=each.region, stack_id=arn), **changes)


def stack(each: Target) -> dict[str, Any]:
    """Return the stack of a target as CloudFormation describes it."""
    deployment = each.deployment
    outputs: dict[str, str] = {}
    parameters: dict[str, str] = {}
    if deployment.cmek is not None:
        outputs = {"RoleArn": role_arn_of(NAME, deployment), "ExternalId": deployment.cmek.trust.external_id}
        if deployment.cmek.has_own_key:
            outputs["KeyArn"] = deployment.cmek.key.adopt or key_arn(place(each))
        subject = Subject(name=NAME, deployment=deployment, pinecone_account=PINECONE, role_region=each.role_region)
        parameters = {one.name: one.value(subject) for one in TRUST}
    if deployment.private_link is not None:
        outputs["VpcEndpointId"] = f"vpce-{int(each.account):017x}"
    return {
        "StackId": instance(each).stack_id,
        "StackName": "StackSet-Pinekeep-search-Cmek-1",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }


@dataclass
class Accounts:
    """The accounts of a fleet, as its reader sees them. ``stacks``: by account and Region.

    ``refused``: accounts that cannot be read. ``grants``: of each key, by its ARN. ``calls``: what was called.
    """

    stacks: dict[Place, dict[str, Any]]
    refused: Sequence[str] = ()
    grants: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def clients_for(self, each: Target) -> Clients:
        if each.account in self.refused:
            raise AwsRefusedError("the role cannot be assumed", hint="create the role")
        return _Clients(self, place(each))


class _Clients(Clients):
    def __init__(self, accounts: Accounts, at: Place) -> None:
        self.region = at[1]
        self._accounts = accounts
        self._at = at

    def client(self, service: str) -> Any:
        return _Client(service, self._accounts, self._at)


@dataclass
class _Client:
    service: str
    accounts: Accounts
    at: Place

    def describe_stacks(self, **given: str) -> Any:
        self.accounts.calls.append("describe_stacks")
        found = self.accounts.stacks[self.at]
        assert found["StackId"] == given["StackName"]
        return {"Stacks": [found]}

    def list_grants(self, **given: Any) -> Any:
        self.accounts.calls.append("list_grants")
        return {"Grants": self.accounts.grants.get(given["KeyId"], [])}


def deployed(*targets: Target) -> Accounts:
    """Return accounts in which all targets are deployed as the file has them."""
    return Accounts({place(each): stack(each) for each in targets})
