"""Who passes the policies of any configuration, decided by the library that evaluates them."""

import re
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.policies import Agreement, PolicySet
from pinekeep.decisions.access.principals import Identity, Kind, Principal, principals
from pinekeep.decisions.access.requests import Group, Request, key_requests, role_requests
from pinekeep.model.facts import pinecone
from tests.properties import values
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import loaded, policy_sets
from tests.properties.settings import tried

ACCESS_ROLE = "pinecone_cmek_access_"
NAMES = (
    *(ACCESS_ROLE + region for region in (*pinecone.REGIONS, "ap-south-1")),
    ACCESS_ROLE,
    "pinecone_cmek_access",
    "pinecone_cmek_accessory",
    "Pinecone_cmek_access_us-east-1",
    "x-pinecone_cmek_access_us-east-1",
    "team/pinecone_cmek_access_us-east-1",
    "administrators",
)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks for the role."""

    kind: str
    account: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:{self.kind}{self.name if self.kind != 'root' else ''}"

    @property
    def row(self) -> Principal:
        """The caller as the evaluator knows it, with IAM policies that allow everything."""
        return Principal(id=self.arn, kind=Kind.NAMED, arn=self.arn, words=self.arn, identity=Identity.EVERYTHING)

    def is_trusted(self, agreed: Agreement) -> bool:
        """Tell whether this is an access role of the configured account and regions."""
        if self.account != agreed.pinecone_account or self.kind != "role/" or not self.name.startswith(ACCESS_ROLE):
            return False
        return agreed.regions == "all" or self.name.removeprefix(ACCESS_ROLE) in agreed.regions

    def is_trusted_in_other_case(self, agreed: Agreement) -> bool:
        """Tell whether only case tells this from an access role that is named.

        IAM keeps no two roles that differ in case alone, so nobody is there to ask; the evaluator takes them for one.
        """
        lower = replace(self, name=self.name.lower())
        return agreed.regions != "all" and lower.is_trusted(agreed) and not self.is_trusted(agreed)


def callers(pinecone_account: str, own_account: str) -> st.SearchStrategy[Caller]:
    """Return callers who are Pinecone's access roles, or nearly."""
    other = str(int(pinecone_account) ^ 1).zfill(12)[-12:]
    return st.builds(
        Caller,
        kind=st.sampled_from(["role/", "role/", "role/", "user/", "root"]),
        account=st.sampled_from([pinecone_account, pinecone_account, own_account, other]) | values.accounts,
        name=st.sampled_from(NAMES) | st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,30}", fullmatch=True),
    )


def sets_of(data: Data) -> list[PolicySet]:
    return [policies for _, _, policies in policy_sets(loaded(data))]


@tried(40)
@given(configurations(most=1), st.data())
def test_only_access_roles_of_the_configured_account_pass_the_trust_policy(data: Data, more: st.DataObject) -> None:
    for policies in sets_of(data):
        agreed = policies.agreed
        asking = more.draw(st.lists(callers(agreed.pinecone_account, policies.account), min_size=6, max_size=6))
        asking += [Caller("role/", agreed.pinecone_account, name) for name in NAMES]
        decider = Decider(policies, callers=[caller.row for caller in asking])
        for role in policies.roles:
            for caller in asking:
                if caller.is_trusted_in_other_case(agreed):
                    continue
                for request in role_requests(role, external_id=agreed.external_id):
                    if request.group is Group.ASSUME:
                        presents = agreed.external_id in (None, request.context["sts:externalid"])
                        found = decider.decide(caller.row, request).effect
                        wanted = Effect.ALLOW if presents and caller.is_trusted(agreed) else Effect.DENY
                        assert found is wanted, (caller.arn, request.name)


@tried(15)
@given(configurations(most=1))
def test_no_role_tags_its_sessions_or_names_their_source(data: Data) -> None:
    for policies in sets_of(data):
        decider = Decider(policies)
        for role in policies.roles:
            for request in role_requests(role, external_id=policies.agreed.external_id):
                if request.group is Group.SESSION:
                    for each in principals(policies):
                        assert decider.decide(each, request).effect is Effect.DENY


def asked(policies: PolicySet, groups: set[Group]) -> list[Request]:
    """Return the requests of some groups on every key of a deployment."""
    return [request for key in policies.keys for request in key_requests(key) if request.group in groups]


@tried(15)
@given(configurations(most=1))
def test_the_role_never_administers_a_key(data: Data) -> None:
    groups = {Group.ADMINISTER, Group.DELETE, Group.READ, Group.GRANTS}
    for policies in sets_of(data):
        decider = Decider(policies)
        for role in (each for each in principals(policies) if each.kind is Kind.OUR_ROLE):
            for request in asked(policies, groups):
                assert decider.decide(role, request).effect is Effect.DENY, (role.arn, request.id)


@tried(15)
@given(configurations(most=1))
def test_the_role_uses_the_key_of_its_own_account(data: Data) -> None:
    for policies in sets_of(data):
        decider = Decider(policies)
        first = next(each for each in principals(policies) if each.kind is Kind.OUR_ROLE)
        own = {key.id for key in policies.keys if key.account == policies.account}
        for request in asked(policies, {Group.USE}):
            if request.on in own:
                assert decider.decide(first, request).effect is Effect.ALLOW, request.id


@tried(15)
@given(configurations(most=1))
def test_the_account_root_always_keeps_the_key(data: Data) -> None:
    for policies in sets_of(data):
        decider = Decider(policies)
        root = next(each for each in principals(policies) if each.kind is Kind.ROOT)
        own = {key.id for key in policies.keys if key.account == policies.account}
        for request in asked(policies, set(Group) - {Group.ASSUME, Group.SESSION}):
            if request.on in own:
                assert decider.decide(root, request).effect is Effect.ALLOW, request.id


@tried(15)
@given(configurations(most=1))
def test_no_administrator_uses_the_key(data: Data) -> None:
    for policies in sets_of(data):
        decider = Decider(policies)
        own = {key.id for key in policies.keys if key.account == policies.account}
        for each in (each for each in principals(policies) if each.kind is Kind.ADMINISTRATOR):
            for request in asked(policies, {Group.USE, Group.GRANTS, Group.SERVICE_GRANTS}):
                if request.on in own and re.search("crypt|GenerateDataKey|CreateGrant", request.action):
                    found = decider.decide(each, request)
                    assert found.effect is Effect.DENY
                    assert found.explicit, (each.arn, request.id)
