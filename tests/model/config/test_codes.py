"""Programs know a problem by its code: the same codes, and the bounds on either side of which they stand."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pinekeep.model.config import Configuration, ConfigurationError
from pinekeep.model.facts import aws
from pinekeep.model.policies.key import key_policy
from tests.model.config.bad_files import cases
from tests.properties.loaded import load_text, written

ACCOUNT = "111122223333"
DEPLOYMENT: dict[str, Any] = {
    "account": ACCOUNT,
    "region": "us-east-1",
    "tags": {},
    "cmek": {
        "trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"},
        "key": {},
    },
    "private_link": {
        "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
        "clients": {"cidrs": ["10.0.0.0/16"]},
    },
}


def codes(*path: str, value: Any) -> set[str]:
    """Return the codes of what is wrong when a setting of a right file has this value."""
    deployment = deepcopy(DEPLOYMENT)
    holder = deployment
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    file = {"version": 1, "pinecone_account": "740000000001", "deployments": {"a": deployment}}
    try:
        assert isinstance(load_text(written(file)), Configuration)
    except ConfigurationError as error:
        return {problem.code for problem in error.problems}
    return set()


def secret_named(name: str) -> dict[str, Any]:
    return {"project": "a", "api_keys": [{"name": "ingest", "roles": ["DataPlaneEditor"], "secret": name}]}


def bound_to(letters: int) -> dict[str, Any]:
    return {
        "project": "a",
        "role_bindings": [{"user": f"{'u' * letters}@b.io", "role": "ProjectViewer"}],
        "scim": False,
    }


KEY, LINK = ("cmek", "key"), ("private_link",)
BOUNDS: list[tuple[tuple[str, ...], Any, Any, str]] = [
    ((*KEY, "rotation_days"), 90, 89, "rotation-days-bounds"),
    ((*KEY, "rotation_days"), 2560, 2561, "rotation-days-bounds"),
    ((*KEY, "deletion_window_days"), 7, 6, "deletion-window-days-bounds"),
    ((*KEY, "deletion_window_days"), 30, 31, "deletion-window-days-bounds"),
    ((*KEY, "alias"), "a" * 250, "a" * 251, "alias-length"),
    (("cmek", "role_name"), "r" * 64, "r" * 65, "role-name-length"),
    (("tags",), {"t" * 128: ""}, {"t" * 129: ""}, "tag-key-length"),
    (("tags",), {"t": "v" * 256}, {"t": "v" * 257}, "tag-value-length"),
    (("tags",), {"t": ""}, {"": "t"}, "tag-key-length"),
    ((*LINK, "clients", "cidrs"), ["10.0.0.0/8"], ["10.0.0.0/7"], "cidr-open"),
    ((*LINK, "vpc", "cidr"), "10.0.0.0/16", "10.0.0.0/15", "vpc-cidr-size"),
    ((*LINK, "vpc", "cidr"), "10.0.0.0/25", "10.0.0.0/26", "vpc-cidr-size"),
    ((*LINK, "clients", "security_group_ids"), ["sg-12345678"], ["sg-1234567"], "sg-id"),
    (("pinecone",), secret_named("s" * 512), secret_named("s" * 513), "secret-name-length"),
    (("pinecone",), bound_to(249), bound_to(250), "user-email"),
    (
        ("cmek", "customer_keys"),
        [{"name": "c" * 64, "account": "444455556666"}],
        [{"name": "c" * 65, "account": "444455556666"}],
        "customer-name-length",
    ),
]


@pytest.mark.parametrize(("path", "right", "wrong", "code"), BOUNDS)
def test_a_bound_is_within_and_one_more_is_refused(path: tuple[str, ...], right: Any, wrong: Any, code: str) -> None:
    assert codes(*path, value=right) == set()
    assert code in codes(*path, value=wrong)


def test_a_key_policy_may_be_as_large_as_kms_takes_and_no_larger() -> None:
    names = [f"arn:aws:iam::{ACCOUNT}:role/administrator-{number}" for number in range(10)]
    room = 0
    for number in range(10, 400):
        policy = key_policy(
            account=ACCOUNT, administrators=names, role=f"arn:aws:iam::{ACCOUNT}:role/pinekeep-a-us-east-1"
        )
        room = aws.KEY_POLICY_MAX - len(json.dumps(policy, separators=(",", ":")))
        if room < 2 * 60:
            break
        names.append(f"arn:aws:iam::{ACCOUNT}:role/administrator-{number}")
    names[0] += "x" * (room // 2)
    assert codes("cmek", "key", "administrators", value=names) == set()
    names[0] += "x"
    assert codes("cmek", "key", "administrators", value=names) == {"key-policy-size"}


def test_a_vpc_is_new_or_existing_by_any_one_of_its_settings() -> None:
    for half in ({"cidr": "10.0.0.0/16"}, {"availability_zones": ["us-east-1a", "us-east-1b"]}):
        assert codes("private_link", "vpc", value=half) == {"missing"}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_a_code_is_one_of_the_documented_ones(case: Any, tmp_path: Path, documented: set[str]) -> None:
    assert {problem.code for problem in case.problems(tmp_path)} <= documented


@pytest.fixture(scope="module")
def documented(root: Path) -> set[str]:
    """The codes of the table in docs/problems.md, which programs rely on."""
    rows = (root / "docs" / "problems.md").read_text(encoding="utf-8").splitlines()
    return {row.split("`")[1] for row in rows if row.startswith("| `")}


@pytest.mark.parametrize(("groups", "wrong"), [(19, set()), (21, {"too-many-clients"})])
def test_networks_groups_and_prefix_lists_count_together_against_the_rules_of_a_group(
    groups: int, wrong: set[str]
) -> None:
    clients = {
        "cidrs": [f"10.0.{number}.0/24" for number in range(30)],
        "security_group_ids": [f"sg-{number:017x}" for number in range(groups)],
        "prefix_list_ids": [f"pl-{number:017x}" for number in range(10)],
    }
    assert codes("private_link", "clients", value=clients) == wrong


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (("permissions_boundary",), "arn:aws:iam::aws:policy/PowerUserAccess"),
        (("permissions_boundary",), "arn:aws:iam::aws:policy/job-function/DataScientist"),
        (("iam_path",), "/delegated/dev/"),
        (("iam_path",), "/"),
        (("private_link", "clients"), {"prefix_list_ids": ["pl-0a1b2c3d4e5f60718"]}),
        (("bootstrap",), {"qualifier": "platform"}),
        (("bootstrap",), {"deploy_role_arn": "arn:aws:iam::${AWS::AccountId}:role/cdk/${Qualifier}-${AWS::Region}"}),
        (("bootstrap",), {"file_publishing_role_arn": "arn:aws:iam::222233334444:role/central-publishing"}),
    ],
)
def test_what_organizations_do_their_own_way_is_accepted(path: tuple[str, ...], right: Any) -> None:
    assert codes(*path, value=right) == set()


def test_a_secret_may_be_encrypted_with_a_key_of_another_account() -> None:
    key = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    api_keys = [{"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/ingest", "kms_key": key}]
    assert codes("pinecone", value={"project": "search", "api_keys": api_keys}) == set()


def test_many_clients_outside_a_new_vpc_are_one_warning() -> None:
    deployment = deepcopy(DEPLOYMENT)
    deployment["private_link"]["clients"]["cidrs"] = ["10.0.4.0/24", *(f"10.{each}.0.0/16" for each in range(1, 9))]
    file = {"version": 1, "pinecone_account": "740000000001", "deployments": {"a": deployment}}
    (warning,) = load_text(written(file)).warnings
    assert (warning.code, warning.severity) == ("client-outside-new-vpc", "warning")
    assert "10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 10.4.0.0/16, 10.5.0.0/16, …;" in warning.message


def test_a_client_network_that_holds_the_new_vpc_is_fine() -> None:
    deployment = deepcopy(DEPLOYMENT)
    deployment["private_link"]["clients"]["cidrs"] = ["10.0.0.0/8"]
    file = {"version": 1, "pinecone_account": "740000000001", "deployments": {"a": deployment}}
    assert load_text(written(file)).warnings == ()


def test_two_deployments_with_secrets_of_their_own_are_right() -> None:
    def project(name: str) -> dict[str, Any]:
        api_keys = [{"name": "ingest", "roles": ["DataPlaneEditor"], "secret": f"pinecone/{name}"}]
        return {
            "account": ACCOUNT,
            "region": "us-east-1",
            "cmek": cmek(name),
            "pinecone": {"project": name} | {"api_keys": api_keys},
        }

    def cmek(name: str) -> dict[str, Any]:
        external_id = f"3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b{'13' if name == 'a' else '14'}"
        return {"trust": {"regions": ["us-east-1"], "external_id": external_id}}

    file = {
        "version": 1,
        "pinecone_account": "740000000001",
        "deployments": {name: project(name) for name in ("a", "b")},
    }
    assert load_text(json.dumps(file)).deployments.keys() == {"a", "b"}
