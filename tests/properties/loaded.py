"""Loading the data of a file, and the policies that follow from it without any synth."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from pinekeep.decisions.access.policies import Agreement, KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Configuration, Deployment, load
from pinekeep.model.config.derived import numbered_role_arn
from pinekeep.model.config.models import PinekeepFile, role_arn_of
from pinekeep.model.config.roster import make_rosters
from pinekeep.model.config.rules import apply_rules
from pinekeep.model.customers.ledger import Ledger
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.key import key_policy, key_user_statements, root_statement
from pinekeep.model.policies.permissions import customer_keys_policy
from pinekeep.model.policies.trust import trust_policy
from tests.properties.configurations import Data

FILE = "pinekeep.yaml"
KEY_TO_COME = "00000000-0000-0000-0000-000000000000"


def written(data: Data) -> str:
    """Return the file that holds the data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def load_text(text: str) -> Configuration:
    """Load a file of this content, with nothing beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        return load(path)


def loaded(data: Data) -> Configuration:
    """Return what the data come to, as loading a file of them does, less the reading of YAML, which takes long."""
    content = PinekeepFile.model_validate(data)
    problems = apply_rules(content)
    rosters = make_rosters(content, Ledger())
    assert not any(problem.severity == "error" for problem in problems)
    assert not rosters.problems
    return Configuration(Path(FILE), content, tuple(problems), rosters)


def policy_sets(configuration: Configuration) -> Iterator[tuple[str, Deployment, PolicySet]]:
    """Yield the policies of each deployment that has a role."""
    for name, deployment in configuration.deployments.items():
        if deployment.cmek is not None:
            yield name, deployment, policy_set(configuration, name)


def policy_set(configuration: Configuration, name: str) -> PolicySet:
    """Return the policies of a deployment, made by the functions that the stacks use."""
    deployment = configuration.deployments[name]
    cmek, pinecone_account = deployment.cmek, configuration.content.pinecone_account
    assert cmek is not None
    assert pinecone_account is not None
    trust = trust_policy(
        pinecone_account=pinecone_account,
        regions=cmek.trust.regions,
        external_id=cmek.trust.presented_id,
        form=cmek.trust.form,
    )
    packing = configuration.rosters.packings.get(name)
    role = role_arn_of(name, deployment)
    if packing is None:
        roles = [RolePolicies(arn=role, trust=trust)]
    else:
        roles = [
            RolePolicies(
                arn=numbered_role_arn(name, deployment, content.number),
                trust=trust,
                permissions=tuple(
                    NamedPolicy(
                        name=str(number),
                        document=customer_keys_policy(resources, describe=cmek.describe_customer_keys),
                    )
                    for number, resources in enumerate(content.policies, start=1)
                ),
            )
            for content in packing.roles
        ]
    found: list[KeyPolicy] = []
    if cmek.has_own_key:
        made = str(KeyArn("aws", deployment.region, deployment.account, KEY_TO_COME))
        document = key_policy(
            account=deployment.account,
            administrators=cmek.key.administrators,
            role=role,
            multi_region=cmek.key.multi_region,
        )
        found.append(KeyPolicy(arn=cmek.key.adopt or made, document=document))
    for number, customer in enumerate(cmek.customer_keys):
        for arn in (customer.key_arns or ())[:1]:
            found.append(KeyPolicy(arn=arn, document=asked_of(customer.account, role), name=str(number)))
    return PolicySet(
        name=name,
        origin="synthesized",
        account=deployment.account,
        region=deployment.region,
        agreed=Agreement.of(deployment, pinecone_account=pinecone_account),
        roles=tuple(roles),
        keys=tuple(found),
    )


def asked_of(account: str, role: str) -> Policy:
    """Return the key policy that a customer is asked for."""
    return policy([root_statement(account), *key_user_statements(role)])


def documents(policies: PolicySet) -> Iterator[Policy]:
    """Yield every policy document of a deployment."""
    for role in policies.roles:
        yield role.trust or {}
        yield from (each.document or {} for each in role.permissions)
    for key in policies.keys:
        yield key.document or {}
