"""Fleets in tests: what a stack set should be and is, without AWS."""

from collections.abc import Iterable, Mapping

from pinekeep.account.reads.stack_sets import Instance, StackSet
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet.targets import Target
from pinekeep.model.values.trust import PLACEHOLDER_EXTERNAL_ID
from pinekeep.operations.fleet.desired import Desired, DesiredInstance, Place
from pinekeep.operations.fleet.observed import Observed

FLEET = "search"
STACK_SET = "Pinekeep-search-Cmek"
A, B, C, D = "444455556666", "777788889999", "100000000001", "100000000002"
EAST, WEST, EU = "us-east-1", "us-west-2", "eu-west-1"
TEMPLATE = '{"Resources":{"Role":{"Type":"AWS::IAM::Role","DeletionPolicy":"Retain"}}}'
DEPLOYMENT = Deployment.model_validate(
    {
        "account": A,
        "region": EAST,
        "cmek": {"trust": {"regions": [EAST], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}},
    }
)


def wanted(account: str, region: str, *, role_region: str | None = EAST, **overrides: str) -> DesiredInstance:
    """Return an instance as it should be; its digest follows from its overrides."""
    target = Target(account=account, region=region, deployment=DEPLOYMENT, role_region=role_region)
    values = {"ExternalId": f"id-of-{account}", **overrides}
    digest = f"{abs(hash(tuple(sorted(values.items())))):012x}"[:12]
    return DesiredInstance(target=target, values=values, overrides=values, digest=digest)


def desired(*instances: DesiredInstance) -> Desired:
    """Return a stack set as it should be."""
    return Desired(
        name=FLEET,
        stack_set=STACK_SET,
        part="cmek",
        shape="cmek-own-key",
        template=TEMPLATE,
        parameters={"ExternalId": PLACEHOLDER_EXTERNAL_ID},
        varying=("ExternalId",),
        tags={"pinekeep:fleet": FLEET},
        instances={each.place: each for each in instances},
    )


def observed(
    *instances: Instance,
    as_desired: Iterable[Place] = (),
    template: str = TEMPLATE,
    parameters: Mapping[str, str] = {"ExternalId": PLACEHOLDER_EXTERNAL_ID, "Alias": "alias/a"},
) -> Observed:
    """Return a stack set as it is."""
    found = StackSet(
        name=STACK_SET,
        id=f"{STACK_SET}:1",
        status="ACTIVE",
        template=template,
        parameters=parameters,
        tags={"pinekeep:fleet": FLEET},
    )
    return Observed(
        stack_set=found, instances={each.place: each for each in instances}, as_desired=frozenset(as_desired)
    )


def instance(account: str, region: str, **fields: str | None) -> Instance:
    """Return an instance with a stack."""
    arn = f"arn:aws:cloudformation:{region}:{account}:stack/StackSet-{STACK_SET}-1/2"
    return Instance(**{"account": account, "region": region, "stack_id": arn, **fields})  # pyrefly: ignore[bad-argument-type] # fields are of any name
