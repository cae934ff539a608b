"""A deployment's policies in which everything is right, to be made wrong in one thing at a time."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Literal

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.policies import Agreement, KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.policies.key import key_policy, key_user_statements, root_statement
from pinekeep.model.policies.trust import TrustForm, trust_policy

ACCOUNT = "111122223333"
PINECONE = "998877665544"
CUSTOMER = "444455556666"
ID = "8c2b1c4e-6c1b-4f0e-9a55-3f8f1b6b7d10"
KEY_ID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID}"
CUSTOMER_KEY = f"arn:aws:kms:us-east-1:{CUSTOMER}:key/{KEY_ID}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-prod"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/KeyAdmins"
CONFIGURED = ("us-east-1", "us-west-2")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ap-south-1")

Document = dict[str, Any]
Decisions = Mapping[tuple[str, str], Effect]


def access_role(region: str, *, account: str = PINECONE) -> str:
    return f"arn:aws:iam::{account}:role/pinecone_cmek_access_{region}"


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def world(
    *,
    regions: Sequence[str] | Literal["all"] = CONFIGURED,
    external_id: str | None = ID,
    form: TrustForm = "documented",
    administrators: Sequence[str] = (ADMINISTRATOR,),
    trust: Document | None = None,
) -> PolicySet:
    agreed = Agreement(
        pinecone_account=PINECONE,
        regions="all" if regions == "all" else tuple(regions),
        external_id=external_id,
        administrators=tuple(administrators),
    )
    written = trust or trust_policy(pinecone_account=PINECONE, regions=regions, external_id=external_id, form=form)
    return PolicySet(
        name="prod",
        origin="synthesized",
        account=ACCOUNT,
        region="us-east-1",
        agreed=agreed,
        roles=(RolePolicies(arn=ROLE, trust=written),),
        keys=(KeyPolicy(arn=KEY, document=key_policy(account=ACCOUNT, administrators=administrators, role=ROLE)),),
    )


def with_trust(change: Callable[[Document], object], policies: PolicySet | None = None) -> PolicySet:
    """Return the policies with a change to the first statement of the trust policy."""
    policies = policies or world()
    trust = deepcopy(policies.roles[0].trust)
    assert trust is not None
    change(trust["Statement"][0])
    return replace(policies, origin="live", roles=(replace(policies.roles[0], trust=trust),))


def with_key(change: Callable[[list[Document]], object], policies: PolicySet | None = None) -> PolicySet:
    """Return the policies with a change to the statements of the key policy."""
    policies = policies or world()
    found = deepcopy(policies.keys[0].document)
    assert found is not None
    change(found["Statement"])
    return replace(policies, origin="live", keys=(replace(policies.keys[0], document=found),))


def with_role(policies: PolicySet | None = None, **changes: Any) -> PolicySet:
    policies = policies or world()
    return replace(policies, roles=(replace(policies.roles[0], **changes),))


def with_customer(*, trusted: bool = True, permitted: bool = True, named: bool = True, root: bool = True) -> PolicySet:
    """Return the policies of a role that uses a key in a customer's account, each of its three parts there or not."""
    key_statements = [
        *([root_statement(CUSTOMER)] if root else []),
        *(key_user_statements(ROLE) if named else []),
        {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CUSTOMER}:role/theirs"},
         "Action": "kms:DescribeKey", "Resource": "*"},
    ]  # fmt: skip
    permissions = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": CUSTOMER_KEY}
    base = world()
    trust = base.roles[0].trust if trusted else document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/somebody"}, "Action": "sts:AssumeRole"}
    )  # fmt: skip
    named_policies = (NamedPolicy(name="keys-1", document=document({**permissions, "Sid": "Acme"})),)
    role = replace(base.roles[0], trust=trust, permissions=named_policies if permitted else ())
    key = KeyPolicy(arn=CUSTOMER_KEY, document=document(*key_statements), name="acme")
    return replace(base, roles=(role,), keys=(*base.keys, key))


def table(policies: PolicySet) -> Table:
    return decision_table(policies)


def effects(found: Table) -> Decisions:
    return {place: row.decision.effect for place, row in found.decisions.items()}


def allowed(found: Table, on: str, group: str) -> set[tuple[str, str]]:
    """Return who is allowed what of a group on a role or key."""
    return {
        (row.principal.id, row.request.name)
        for row in found.rows
        if row.request.on == on and row.request.group == group and row.decision.effect is Effect.ALLOW
    }
