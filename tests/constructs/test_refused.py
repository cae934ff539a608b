"""Values that no construct takes. The rules are those of the configuration file, from the same code."""

from typing import Any

import pytest
from aws_cdk import Fn

import pinekeep.constructs
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.accounts import PineconeAccount
from pinekeep.model.values.roles import RoleName
from pinekeep.model.values.trust import ExternalId, TrustRegions
from tests.constructs import support
from tests.constructs.support import EVERY, refused
from tests.stacks.support import ACCOUNT, SUBNETS, foreign_stack

ALL_OPEN = {"regions": "all", "external_id": None}
RULES: list[tuple[str, dict[str, Any], str, str]] = [
    ("PineconeRole", ALL_OPEN, "external_id", "confused-deputy"),
    ("PineconeRole", {"pinecone_account": "123"}, "pinecone_account", "account-length"),
    ("PineconeRole", {"pinecone_account": "123456789012"}, "pinecone_account", "account-placeholder"),
    ("PineconeRole", {"pinecone_account": ACCOUNT}, "pinecone_account", "same-account"),
    ("PineconeRole", {"regions": ["nowhere"]}, "regions", "trust-region-format"),
    ("PineconeRole", {"regions": "us-east-1"}, "regions", "regions"),
    ("PineconeRole", {"regions": []}, "regions", "trust-regions-few"),
    ("PineconeRole", {"regions": ["us-east-1"] * 2}, "regions", "trust-regions-twice"),
    ("PineconeRole", {"regions": ["cn-north-1"]}, "regions", "region-partition"),
    ("PineconeRole", {"regions": ["eu-central-1"]}, "regions", "trust-region-undocumented"),
    ("PineconeRole", {"external_id": "hello"}, "external_id", "external-id-format"),
    ("PineconeRole", {"form": "account-root"}, "form", "form-without-all"),
    ("PineconeRole", {"role_name": "a b"}, "role_name", "role-name"),
    ("PineconeRole", {"role_name": "n" * 65}, "role_name", "role-name-length"),
    ("PineconeRole", {"path": "team"}, "path", "iam-path"),
    ("PineconeRole", {"permissions_boundary": "b"}, "permissions_boundary", "policy-arn"),
    (
        "PineconeRole",
        {"permissions_boundary": "arn:aws:iam::444455556666:policy/b"},
        "permissions_boundary",
        "boundary-account",
    ),
    ("EncryptionKey", {"alias": "alias/aws/ours"}, "alias", "alias-reserved"),
    ("EncryptionKey", {"rotation_days": 30}, "rotation_days", "rotation-days-bounds"),
    ("EncryptionKey", {"deletion_window_days": 3}, "deletion_window_days", "deletion-window-days-bounds"),
    ("EncryptionKey", {"administrators": ["ada"]}, "administrators", "principal-arn"),
    (
        "EncryptionKey",
        {"administrators": ["arn:aws:iam::444455556666:role/keys"]},
        "administrators",
        "administrator-account",
    ),
    ("EncryptionKey", {"administrators": [support.ROLE_ARN]}, "administrators", "administrator-is-pinecone"),
    (
        "EncryptionKey",
        {"administrators": [f"arn:aws:iam::{ACCOUNT}:role/{number:064}" for number in range(200)]},
        "administrators",
        "key-policy-size",
    ),
    ("SlackChannel", {"iam_path": "team"}, "iam_path", "iam-path"),
    ("EventForwarding", {"permissions_boundary": "b"}, "permissions_boundary", "policy-arn"),
    ("InterfaceEndpoint", {"subnet_ids": SUBNETS[:1]}, "subnet_ids", "subnet-ids-few"),
    ("InterfaceEndpoint", {"subnet_ids": SUBNETS[:1] * 2}, "subnet_ids", "subnet-ids-twice"),
    ("InterfaceEndpoint", {"subnet_ids": ["a", "b"]}, "subnet_ids", "subnet-id"),
    ("InterfaceEndpoint", {"vpc_id": "ours"}, "vpc_id", "vpc-id"),
    ("InterfaceEndpoint", {"region": "nowhere"}, "region", "region-without-pinecone"),
    ("InterfaceEndpoint", {"client_cidrs": ["0.0.0.0/0"]}, "client_cidrs", "cidr-open"),
    ("InterfaceEndpoint", {"client_cidrs": ["10.0.0.0/16", "10.0.1.0/24"]}, "client_cidrs", "cidr-overlap"),
    (
        "InterfaceEndpoint",
        {"client_cidrs": [f"10.{number}.0.0/16" for number in range(61)]},
        "client_cidrs",
        "too-many-clients",
    ),
    ("InterfaceEndpoint", {"client_security_group_ids": ["x"]}, "client_security_group_ids", "sg-id"),
    ("InterfaceEndpoint", {"client_prefix_list_ids": ["x"]}, "client_prefix_list_ids", "pl-id"),
    ("InterfaceEndpoint", {"security_group_ids": ["x"]}, "security_group_ids", "sg-id"),
    ("InterfaceEndpoint", {"service_region": "nowhere"}, "service_region", "region-without-pinecone"),
    ("PrivateZone", {"vpc_ids": ["ours"]}, "vpc_ids", "vpc-id"),
    ("PrivateZone", {"hosted_zone_id": "zone"}, "hosted_zone_id", "hosted-zone-id"),
    ("DnsProfile", {"hosted_zone_id": "zone"}, "hosted_zone_id", "hosted-zone-id"),
    ("DnsProfile", {"vpc_ids": ["ours"]}, "vpc_ids", "vpc-id"),
    ("DnsProfile", {"profile_id": "ours"}, "profile_id", "profile-id"),
    ("InboundResolver", {"vpc_id": "ours"}, "vpc_id", "vpc-id"),
    ("InboundResolver", {"subnet_ids": SUBNETS[:1]}, "subnet_ids", "subnet-ids-few"),
    ("InboundResolver", {"client_cidrs": ["0.0.0.0/0"]}, "client_cidrs", "cidr-open"),
    ("InboundResolver", {"client_cidrs": []}, "client_cidrs", "resolver-client-cidrs-few"),
    ("PrivateZone", {"region": "eu-north-1"}, "region", "region-without-pinecone"),
    ("IsolatedVpc", {"availability_zones": ["us-east-1a"]}, "availability_zones", "availability-zones-few"),
    ("IsolatedVpc", {"availability_zones": ["a", "us-east-1b"]}, "availability_zones", "zone-name"),
    ("IsolatedVpc", {"availability_zones": ["use1-az1", "us-east-1b"]}, "availability_zones", "zones-mixed"),
    ("IsolatedVpc", {"availability_zones": ["use1-az1", "usw2-az1"]}, "availability_zones", "zone-region"),
    ("IsolatedVpc", {"availability_zones": ["us-east-1a", "us-east-2b"]}, "availability_zones", "zone-region"),
    ("IsolatedVpc", {"cidr": "10.0.0.0/8"}, "cidr", "vpc-cidr-size"),
    ("IsolatedVpc", {"cidr": "8.8.0.0/16"}, "cidr", "vpc-cidr-public"),
    ("IsolatedVpc", {"iam_path": "team"}, "iam_path", "iam-path"),
    ("CustomerKeysAccess", {"policies": [["*"]]}, "policies", "key-arn"),
    ("CustomerKeysAccess", {"role_name": "a b"}, "role_name", "role-name"),
    ("StorageRole", {"role_name": "a b"}, "role_name", "role-name"),
    ("StorageRole", {"path": "team"}, "path", "iam-path"),
    (
        "StorageRole",
        {"permissions_boundary": "arn:aws:iam::444455556666:policy/b"},
        "permissions_boundary",
        "boundary-account",
    ),
    ("StorageRole", {"bucket": "s3://ours"}, "bucket", "bucket-name-path"),
    ("StorageRole", {"prefix": "/logs"}, "prefix", "prefix-slash"),
    ("StorageRole", {"principal_arn": "arn:aws:iam::444455556666:role/x"}, "principal_arn", "storage-principal"),
    ("StorageRole", {"kms_key": "alias/ours"}, "kms_key", "key-arn"),
    ("AuditQueries", {"bucket_name": "Acme"}, "bucket_name", "bucket-name"),
    ("AuditQueries", {"prefix": "/logs"}, "prefix", "prefix-slash"),
    ("AuditQueries", {"kms_key_arn": "alias/audit"}, "kms_key_arn", "key-arn"),
    ("AuditQueries", {"scan_limit_mib": 9}, "scan_limit_mib", "scan-limit-bounds"),
    ("AuditQueries", {"result_days": 0}, "result_days", "result-days-bounds"),
    ("AuditBucket", {"writer": "x"}, "writer", "assume-role-arn"),
    ("AuditBucket", {"name": "a.b.c"}, "name", "bucket-name-dots"),
    ("AuditBucket", {"prefix": "logs/*"}, "prefix", "prefix-wildcard"),
    ("AuditBucket", {"expire_days": 0}, "expire_days", "expire-days-bounds"),
    ("AuditBucket", {"access_logs_bucket": "Logs"}, "access_logs_bucket", "bucket-name"),
]
"""Each with the prop and the code of the problem, by which the configuration file is tested too."""
OWN: list[tuple[str, dict[str, Any], str]] = [
    ("PineconeRole", {"pinecone_account": 123}, "pinecone_account: expected a string, got 123"),
    ("PineconeRole", {"external_id": "none"}, "external_id: only the configuration file has the word none for no "),
    ("AuditQueries", {"name": "Audit logs"}, "name: it consists of at most 128 lower-case letters, digits and single"),
    ("AuditQueries", {"name": "a" * 129}, "name: it consists of at most 128 lower-case letters, digits and single"),
    ("AuditQueries", {"bucket_name": None}, "bucket_name: a value is needed, got None"),
    ("EncryptionKey", {"alias": "pinecone/search"}, "alias: the alias is written with alias/, got 'pinecone/search'"),
    ("EncryptionKey", {"rotation_days": "365"}, "rotation_days: expected a whole number, got '365'"),
    ("InterfaceEndpoint", {"vpc_id": None}, "vpc: the VPC is given in one of two ways: as vpc, or as vpc_id with "),
    (
        "InterfaceEndpoint",
        {"region": "eu-west-1"},
        "region: eu-west-1 is not the Region of stack Foreign, which is us-",
    ),
    (
        "InterfaceEndpoint",
        {"service_name": "s3"},
        "service_name: an endpoint service is named like com.amazonaws.vpce.",
    ),
    (
        "InterfaceEndpoint",
        {"service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-03c6b7e17ff02a70f"},
        "service_name: eu-west-1 is not the Region of stack Foreign, which is us-east-1",
    ),
    (
        "InterfaceEndpoint",
        {"client_cidrs": ["2001:db8::/56"]},
        "client_cidrs: 2001:db8::/56 is an IPv6 network, and the endpoint has IPv4 addresses alone",
    ),
    ("InterfaceEndpoint", {"ip_address_type": "ipv6"}, "ip_address_type: allowed are ipv4 and dualstack, got 'ipv6'"),
    (
        "InterfaceEndpoint",
        {"client_cidrs": ["10.0.0.0/16"], "security_group_ids": ["sg-0a1b2c3d"]},
        "security_group_ids: clients are rules of a security group that is created, and these exist",
    ),
    ("DnsProfile", {"hosted_zone_id": None}, "hosted_zone_id: a value is needed, got None"),
    ("InboundResolver", {"client_cidrs": None}, "client_cidrs: a value is needed, got None"),
    ("PineconeRole", {"regions": None}, "regions: a value is needed, got None"),
    ("EncryptionKey", {"alias": None}, "alias: a value is needed, got None"),
    ("EncryptionKey", {"key_user": None}, "key_user: a value is needed, got None"),
    ("IsolatedVpc", {"cidr": None}, "cidr: a value is needed, got None"),
    ("CustomerKeysAccess", {"policies": None}, "policies: a value is needed, got None"),
    ("PrivateZone", {"endpoint_dns_name": None}, "endpoint_dns_name: a value is needed, got None"),
    ("StorageRole", {"bucket": None}, "bucket: a value is needed, got None"),
    ("AuditBucket", {"name": None}, "name: a value is needed, got None"),
    (
        "AuditBucket",
        {"lock_mode": "governance", "retention_days": 400, "expire_days": 399},
        "expire_days: files would expire after 399 days and are locked for 400",
    ),
    ("AuditBucket", {"retention_days": 30}, "lock_mode: a retention needs a mode"),
    ("AuditBucket", {"lock_mode": "governance"}, "retention_days: a lock has a retention in days or in years"),
    (
        "AuditBucket",
        {"lock_mode": "governance", "retention_days": 30, "retention_years": 1},
        "retention_days: a lock has a retention in days or in years",
    ),
    (
        "AuditBucket",
        {"lock_mode": "compliance", "retention_days": 30},
        "lock_mode: in compliance mode nobody can delete a file or shorten its retention",
    ),
    (
        "NotificationTopic",
        {"existing_topic_arn": "arn:aws:sns:us-east-1:111122223333:x", "kms_key_arn": "arn:aws:kms:x"},
        "kms_key_arn: an existing topic has its own encryption",
    ),
    ("SlackChannel", {"channel_id": None}, "channel_id: a value is needed, got None"),
    ("DeadLetterQueue", {"retention_days": 15}, "retention_days: Amazon SQS keeps a message for 1 to 14 days, got 15"),
    ("EventNotifications", {"topic_arn": None}, "topic_arn: a value is needed, got None"),
    ("EventForwarding", {"watched": support.watched()}, "watched: it is in us-east-1 already, so nothing is forwarded"),
    ("Alarms", {"endpoint_quiet_minutes": 4}, "endpoint_quiet_minutes: a pause has 5 to 10080 minutes, got 4"),
    ("Alarms", {"trail_log_group": "trail"}, "trail_log_group: there is no key and no role to look for"),
    ("Dashboard", {"dashboard_name": None}, "dashboard_name: a value is needed, got None"),
    ("PrivateZone", {"vpc_ids": []}, "vpc_ids: a private hosted zone needs at least one VPC"),
    ("PrivateZone", {"zone_name": "example.com"}, "zone_name: Pinecone's private zones are named like private.aped-46"),
    ("IsolatedVpc", {"availability_zones": Fn.get_azs()}, "availability_zones: the value is not known at synthesis, "),
    (
        "IsolatedVpc",
        {"cidr": Fn.import_value("Cidr")},
        "cidr: the value is not known at synthesis, and the VPC is cut ",
    ),
]
"""Each with the beginning of the sentence: rules that only constructs have."""


@pytest.mark.parametrize(("name", "props", "prop", "code"), RULES)
def test_a_value_that_the_file_would_refuse_is_refused(name: str, props: dict[str, Any], prop: str, code: str) -> None:
    stack = foreign_stack()
    said = refused(lambda: EVERY[name](stack, "Theirs", **props))
    assert said.message.startswith(f"Foreign/Theirs: {prop}: ")
    assert said.code == code
    assert stack.node.try_find_child("Theirs") is None, "a refused construct leaves half of itself in the tree"


@pytest.mark.parametrize(("name", "props", "message"), OWN)
def test_a_value_that_fits_no_construct_is_refused(name: str, props: dict[str, Any], message: str) -> None:
    stack = foreign_stack()
    said = refused(lambda: EVERY[name](stack, "Theirs", **props))
    assert said.message.startswith(f"Foreign/Theirs: {message}")
    assert said.code is None
    assert stack.node.try_find_child("Theirs") is None, "a refused construct leaves half of itself in the tree"


def test_every_construct_is_among_the_cases() -> None:
    assert {name for name, *_ in [*RULES, *OWN]} == set(EVERY) == set(pinekeep.constructs.__all__)


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        (ExternalId, {"external_id": "hello"}),
        (PineconeAccount, {"pinecone_account": "123"}),
        (TrustRegions, {"regions": ["nowhere"]}),
        (RoleName, {"role_name": "a b"}),
    ],
)
def test_the_sentence_is_the_files(kind: Any, props: dict[str, Any]) -> None:
    ((prop, value),) = props.items()
    with pytest.raises(InvalidValueError) as caught:
        require(kind, value)
    said = refused(lambda: support.role(foreign_stack(), **props))
    assert said.message == f"Foreign/Role: {prop}: {caught.value.message}"


def test_a_hint_is_about_props_and_not_about_the_file() -> None:
    stack = foreign_stack()
    assert refused(lambda: support.role(stack, **ALL_OPEN)).hint == (
        "set an external_id, name the Regions, or write accept_confused_deputy=True"
    )
    assert refused(lambda: support.role(stack, regions=["eu-central-1"])).hint.endswith(
        "write allow_undocumented_regions=True"
    )
    assert refused(lambda: support.role(stack, external_id="hello")).hint.endswith("or give None")
    assert refused(lambda: support.role(stack, form="account-root")).hint.endswith('or write regions="all"')


def test_what_the_file_accepts_explicitly_is_accepted_explicitly_here() -> None:
    support.role(foreign_stack(), **ALL_OPEN, accept_confused_deputy=True)
    support.role(foreign_stack(), regions=["eu-central-1"], allow_undocumented_regions=True)


def test_tokens_have_no_value_yet_and_pass() -> None:
    stack = foreign_stack()
    token = Fn.import_value("Theirs")
    support.role(stack, pinecone_account=token, external_id=token, role_name=token, permissions_boundary=token)
    support.key(stack, key_user=token, administrators=[token], alias=f"alias/{token}")
    place = {"vpc_id": token, "subnet_ids": Fn.split(",", token)}
    support.endpoint(stack, **place, client_cidrs=[token], client_security_group_ids=[token], service_name=token)
    support.zone(stack, vpc_ids=[token], zone_name=token)
    support.vpc(stack, permissions_boundary=token)
    support.customer_keys(stack, role_name=token, policies=[[token]])


def test_accounts_are_compared_only_where_the_stacks_is_known() -> None:
    stack = foreign_stack(region=None)
    support.role(stack, permissions_boundary="arn:aws:iam::444455556666:policy/b")
    support.key(stack, administrators=["arn:aws:iam::444455556666:role/keys"])


@pytest.mark.parametrize("key_user", ["x", "arn:aws:iam::111122223333:user/jane"])
def test_a_key_user_that_is_no_role_is_refused(key_user: str) -> None:
    said = refused(lambda: EVERY["EncryptionKey"](foreign_stack(), "Theirs", key_user=key_user))
    assert said.message.startswith("Foreign/Theirs: key_user: a role's ARN has the form ")
