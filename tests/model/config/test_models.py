import itertools

import pytest

from pinekeep.model.config.base import Model
from pinekeep.model.config.models import (
    Deployment,
    PinekeepFile,
    alias_of,
    audit_role_arn_of,
    integration_role_arn_of,
    private_zone_of,
    role_arn_of,
    role_name_of,
    storage_role_names_of,
)
from pinekeep.model.config.private_link import Clients, ExistingVpc, NewVpc, PrivateLink
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values import Check
from pinekeep.model.values.names import DEPLOYMENT_NAME_MAX


@pytest.fixture
def deployment() -> Deployment:
    return Deployment.model_validate(
        {
            "account": "111122223333",
            "region": "us-west-2",
            "cmek": {"trust": {"regions": ["us-west-2"], "external_id": "none"}},
        }
    )


def test_what_is_left_out_gets_its_default(deployment: Deployment) -> None:
    assert deployment.cmek is not None
    assert deployment.cmek.key.model_dump() == {
        "alias": None,
        "rotation_days": 365,
        "multi_region": False,
        "deletion_window_days": 30,
        "administrators": [],
        "adopt": None,
    }


def test_names_are_made_of_the_deployments(deployment: Deployment) -> None:
    assert role_name_of("search", deployment) == "pinekeep-search-us-west-2"
    assert role_arn_of("search", deployment) == "arn:aws:iam::111122223333:role/pinekeep-search-us-west-2"
    assert alias_of("search", deployment) == "alias/pinecone/search"
    assert private_zone_of(deployment) == "private.apw5-4e34-81fa.pinecone.io"


def test_an_adopted_key_has_no_alias_of_ours(deployment: Deployment) -> None:
    arn = "arn:aws:kms:us-west-2:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
    assert deployment.cmek is not None
    adopted = deployment.cmek.key.model_copy(update={"adopt": arn})
    cmek = deployment.cmek.model_copy(update={"key": adopted})
    assert alias_of("search", deployment.model_copy(update={"cmek": cmek})) is None
    assert alias_of("search", deployment.model_copy(update={"cmek": None})) is None


def test_the_longest_deployment_name_makes_a_role_name_that_iam_takes(deployment: Deployment) -> None:
    for region in pinecone.REGIONS:
        name = role_name_of("a" * DEPLOYMENT_NAME_MAX, deployment.model_copy(update={"region": region}))
        assert len(name) <= aws.ROLE_NAME_MAX


def test_two_deployments_never_make_the_same_role_name(deployment: Deployment) -> None:
    names = ["a", "a-us", "a-us-west-2", "b"]
    made = [
        role_name_of(name, deployment.model_copy(update={"region": region}))
        for name, region in itertools.product(names, pinecone.REGIONS)
    ]
    assert len(set(made)) == len(made)


def test_models_are_built_when_they_are_first_used() -> None:
    assert Model.model_config["defer_build"], "it is a good part of the time to start"
    assert not PinekeepFile.model_config.get("use_attribute_docstrings"), "and so is this"


def test_a_check_says_what_it_allows_in_words() -> None:
    assert Check(str, allowed="anything", pattern=".").schema == {"pattern": "."}


def test_a_deployment_without_a_key_has_no_role_of_its_own_name() -> None:
    link = {
        "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
        "clients": {"cidrs": ["10.0.0.0/16"]},
    }
    made = Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "private_link": link})
    assert role_name_of("search", made) == "pinekeep-search-us-east-1"


@pytest.mark.parametrize(
    "vpc",
    [
        NewVpc(cidr="10.0.0.0/16", availability_zones=["us-east-1a", "us-east-1b"]),
        ExistingVpc(id="vpc-0a1b2c3d", subnet_ids=["subnet-0a1b2c3d", "subnet-0a1b2c3e"]),
    ],
)
def test_an_endpoint_is_made_of_a_vpc_that_is_made_already(vpc: NewVpc | ExistingVpc) -> None:
    assert PrivateLink(vpc=vpc, clients=Clients(cidrs=["10.0.0.0/16"])).vpc == vpc


def test_the_roles_of_pinecones_s3_account_are_named_after_deployment_and_integration(deployment: Deployment) -> None:
    settings = {
        "audit_logs": {"bucket": {"name": "example-audit-logs", "lock": {"years": 2}}, "prefix": "pinecone"},
        "storage_integrations": {
            "imports": {"use": "import", "bucket": "example-vectors"},
            "backups": {"use": "export", "bucket": "example-backups", "prefix": "a/b", "role_name": "pinecone-backups"},
        },
        "iam_path": "/search/",
    }
    made = Deployment.model_validate({**deployment.model_dump(exclude_unset=True), **settings})
    role = "arn:aws:iam::111122223333:role/search"
    assert audit_role_arn_of("search", made) == f"{role}/pinekeep-search-us-west-2-audit"
    assert integration_role_arn_of("search", made, "imports") == f"{role}/pinekeep-search-us-west-2-imports"
    assert storage_role_names_of("search", made) == {
        "audit_logs": "pinekeep-search-us-west-2-audit",
        "storage_integrations.imports": "pinekeep-search-us-west-2-imports",
        "storage_integrations.backups": "pinecone-backups",
    }
    assert made.audit_logs is not None
    assert (made.audit_logs.bucket_name, made.audit_logs.location) == (
        "example-audit-logs",
        "example-audit-logs/pinecone",
    )
    assert isinstance(made.audit_logs.bucket, NewBucket)
    assert made.audit_logs.bucket.object_lock is not None
    assert made.audit_logs.bucket.object_lock.retention_days == 730
    assert [each.location for each in made.storage_integrations.values()] == ["example-vectors", "example-backups/a/b"]


def test_a_bucket_without_a_lock_says_so(deployment: Deployment) -> None:
    logs = {"bucket": {"name": "example-audit-logs", "lock": "none"}}
    made = Deployment.model_validate({**deployment.model_dump(exclude_unset=True), "audit_logs": logs})
    assert made.audit_logs is not None
    assert isinstance(made.audit_logs.bucket, NewBucket)
    assert made.audit_logs.bucket.object_lock is None
