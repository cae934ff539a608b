"""The released templates: valid by themselves, the same bytes each time, and each deployment's own when filled in."""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cfnlint.decode import decode_str

from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.table import decision_table
from pinekeep.decisions.access.template import template_policies
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, load
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.naming import cmek_stack
from pinekeep.model.policies.stack import unprotected
from pinekeep.model.values.trust import PLACEHOLDER_EXTERNAL_ID
from pinekeep.operations.release.catalogue import SHAPES
from pinekeep.operations.release.cmek_shapes import CMEK
from pinekeep.operations.release.comparison import require_expressible
from pinekeep.operations.release.filling import fillings
from pinekeep.operations.release.json_text import json_text
from pinekeep.operations.release.resolution import Resolution
from pinekeep.operations.release.roles.templates import ROLES
from pinekeep.operations.release.shapes import parameters_of
from pinekeep.operations.release.templates import released_templates
from pinekeep.operations.release.writing import launch_link, write_release
from pinekeep.operations.synthesis.assembly import synthesize
from tests.stacks.test_cfn_lint import IGNORED, linter

pytestmark = pytest.mark.process

EXAMPLES = Path(__file__).parents[3] / "examples"
PINECONE = "740000000001"
PARTITION = {"I3042": "Pinecone runs in the commercial partition alone, and the templates name its own ARNs."}
KEYS = [shape.key for shape in SHAPES]
COUNT = 20
"""The generated deployments: each shape with each form of trust."""
ROLE_KEYS = [each.key for each in ROLES]


@cache
def templates() -> dict[str, dict[str, Any]]:
    return released_templates(SHAPES)


LINTED = [key for key in KEYS if not key.startswith("private-link-existing-vpc-") or key.endswith("-profile")]
"""Every part of the templates: what differs between two modes of DNS is the same in both kinds of VPC."""


@pytest.mark.parametrize("key", LINTED)
def test_cfn_lint_finds_nothing(key: str) -> None:
    template, errors = decode_str(json.dumps(templates()[key]))
    found = errors or linter().validate_template(template or {})
    assert [str(each) for each in found if each.rule.id not in {**IGNORED, **PARTITION}] == []


@pytest.mark.parametrize("key", KEYS)
def test_nothing_of_the_sample_is_left(key: str) -> None:
    text = json.dumps(templates()[key])
    text = text.replace(f'"{PLACEHOLDER_EXTERNAL_ID}"', "").replace("in place of the placeholder", "")
    assert not re.findall(r"placeholder|9{2}0{8}9{2}|8{2}0{8}8{2}|fade|10\.9[789]\.|2559|7777|-0{8}", text)
    in_text = text.replace(json.dumps(templates()[key].get("Mappings", {}))[1:-1], "")
    in_text = in_text.replace(json.dumps(templates()[key].get("Rules", {}))[1:-1], "")
    assert "ap-southeast-1" not in in_text


@pytest.mark.parametrize("key", KEYS)
def test_every_parameter_is_used_and_explained(key: str) -> None:
    template = templates()[key]
    body = json.dumps([template[each] for each in ("Resources", "Outputs", "Conditions", "Rules")])
    labels = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in labels["ParameterGroups"] for name in group["Parameters"]]
    for name, parameter in template["Parameters"].items():
        assert re.search(rf'"Ref": "{name}"|\$\{{{name}\}}', body), name
        assert parameter["Description"]
    assert grouped == list(template["Parameters"]) == list(labels["ParameterLabels"])


@pytest.mark.parametrize("key", [shape.key for shape in CMEK])
def test_key_and_role_are_retained(key: str) -> None:
    for resource in templates()[key]["Resources"].values():
        if resource["Type"] in ("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias"):
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_a_release_is_the_same_bytes_each_time_and_its_checksums_hold(tmp_path: Path) -> None:
    url = "https://example-templates.s3.eu-west-1.amazonaws.com/v1/"
    first, second = (write_release(tmp_path / name, bucket_url=url) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    lines = (tmp_path / "one" / "SHA256SUMS").read_text().splitlines()
    assert {line.split("  ")[1] for line in lines} == {path.name for path in first} - {"SHA256SUMS"}
    for line in lines:
        digest, name = line.split("  ")
        assert sha256((tmp_path / "one" / name).read_bytes()).hexdigest() == digest
    assert unprotected(json.loads((tmp_path / "one" / "stack-policy.json").read_text())) == []
    page = (tmp_path / "one" / "index.html").read_text()
    assert all(
        f"{url}{key}.template.json".replace("/", "%2F").replace(":", "%3A") in page for key in (*KEYS, *ROLE_KEYS)
    )
    assert "http" not in page.replace("https://console.aws.amazon.com", "").replace("https%3A", "").replace(
        "http-equiv", ""
    )


def generated_trust(draw: random.Random, number: int) -> dict[str, Any]:
    """Return a trust in some Regions or all, in both forms, with an external ID or without."""
    found: dict[str, Any] = {"external_id": str(UUID(int=number + 1000, version=4))}
    match number % 5:
        case 0:
            found["regions"] = "all"
        case 1:
            found |= {"regions": "all", "form": "account-root"}
        case 2:
            found |= {"regions": "all", "external_id": "none", "accept_confused_deputy": True}
        case 3:
            found |= {"regions": ["us-west-2"], "external_id": "none"}
        case _:
            found["regions"] = sorted(draw.sample(["us-east-1", "us-west-2", "eu-west-1"], draw.randint(1, 3)))
            found["external_id"] = draw.choice([str.upper, str.lower])(found["external_id"])
    return found


def generated(count: int) -> dict[str, Any]:
    """Return deployments with a key, with settings drawn at random, the same each time."""
    draw = random.Random(11)  # noqa: S311 - not for secrets
    found = {}
    for number in range(count):
        account = draw.choice(["111122223333", "444455556666"])
        key: dict[str, Any] = {}
        match number % 4:
            case 0:
                key["key"] = {"adopt": f"arn:aws:kms:eu-west-1:{account}:key/{UUID(int=number, version=4)}"}
            case 1:
                accounts = draw.sample(["555566667777", "666677778888", "777788889999"], draw.randint(1, 3))
                key["customer_keys"] = [{"name": f"c{each}", "account": each} for each in accounts]
            case _:
                administrators = [f"arn:aws:iam::{account}:role/Admin{each}" for each in range(draw.randint(0, 2))]
                key["key"] = {"administrators": administrators, "multi_region": draw.random() < 0.5}
                key["key"] |= {"rotation_days": draw.randint(90, 2560), "deletion_window_days": draw.randint(7, 30)}
        settings = {"account": account, "region": "eu-west-1", "tags": {"team": "search"}}
        if draw.random() < 0.5:
            settings["iam_path"] = "/pinecone/"
        if draw.random() < 0.5:
            settings["permissions_boundary"] = f"arn:aws:iam::{account}:policy/Boundary"
        found[f"drawn-{number}"] = {**settings, "cmek": {"trust": generated_trust(draw, number), **key}}
    return found


def test_the_generated_deployments_have_every_form_of_trust() -> None:
    trusts = [each["cmek"]["trust"] for each in generated(COUNT).values()]
    seen = {
        (each["regions"] == "all", each.get("form", "documented"), each["external_id"] == "none") for each in trusts
    }
    assert seen == {
        (True, "documented", False),
        (True, "documented", True),
        (True, "account-root", False),
        (False, "documented", False),
        (False, "documented", True),
    }


def written(folder: Path, deployments: dict[str, Any]) -> Configuration:
    path = folder / "pinekeep.yaml"
    path.write_text(json.dumps({"version": 1, "pinecone_account": PINECONE, "deployments": deployments}))
    return load(path)


def test_a_template_that_is_filled_in_decides_as_the_deployments_own(tmp_path: Path) -> None:
    configuration = written(tmp_path, generated(COUNT))
    synthesize(configuration, configuration.deployments, folder=tmp_path / "own")
    filled = {each.deployment: each for each in fillings(configuration, configuration.deployments)}
    assert {each.shape for each in filled.values()} == {shape.key for shape in CMEK}
    for name, deployment in configuration.deployments.items():
        own = json.loads((tmp_path / "own" / f"{cmek_stack(name)}.template.json").read_text())
        resolved = Resolution(
            templates()[filled[name].shape],
            filled[name].parameters,
            account=deployment.account,
            region=deployment.region,
        ).template()

        def policies(template: dict[str, Any], name: str = name) -> PolicySet:
            settings = configuration.deployments[name]
            return template_policies(template, name=name, deployment=settings, pinecone_account=PINECONE)

        tables = [decision_table(policies(each)) for each in (own, resolved)]
        assert not list(differences(*tables))


def test_a_stack_without_the_role_has_the_keys_policy_and_the_roles_arn(tmp_path: Path) -> None:
    """A role is made once an account: the stacks of other Regions have all but the role, and name it by its ARN."""
    drawn = {name: each for name, each in generated(COUNT).items() if "rotation_days" in each["cmek"].get("key", {})}
    configuration = written(tmp_path, drawn)
    synthesize(configuration, configuration.deployments, folder=tmp_path / "own")
    for name, deployment in configuration.deployments.items():
        own = json.loads((tmp_path / "own" / f"{cmek_stack(name)}.template.json").read_text())
        template = templates()["cmek-own-key"]
        filled, here, plain = (
            Resolution(template, values, account=deployment.account, region=deployment.region).template()
            for values in (
                parameters_of(name, deployment, pinecone_account=PINECONE, role_region=region)
                for region in ("us-west-2", deployment.region, None)
            )
        )
        assert here == plain
        assert set(plain["Resources"]) - set(filled["Resources"]) == {"PineconeRole"}
        assert filled["Outputs"]["RoleArn"]["Value"] == role_arn_of(name, deployment)
        assert list(filled["Outputs"]) == list(plain["Outputs"])
        values = parameters_of(name, deployment, pinecone_account=PINECONE, role_region="us-west-2")
        require_expressible(template, values, name=name, deployment=deployment, own_template=own)
        whole = {**filled, "Resources": {"PineconeRole": own["Resources"]["PineconeRole"], **filled["Resources"]}}
        tables = [
            decision_table(template_policies(each, name=name, deployment=deployment, pinecone_account=PINECONE))
            for each in (own, whole)
        ]
        assert not list(differences(*tables))


def test_a_role_alone_is_in_its_own_region() -> None:
    deployment = load(EXAMPLES / "adopted-key.yaml").deployments["search-prod"]
    assert "RoleRegion" not in parameters_of("a", deployment, pinecone_account=PINECONE, role_region=deployment.region)
    with pytest.raises(WrongInputError, match="no role in another Region, got eu-central-1"):
        parameters_of("a", deployment, pinecone_account=PINECONE, role_region="eu-central-1")


@pytest.mark.parametrize("key", [shape.key for shape in CMEK])
def test_the_placeholder_of_stack_sets_is_refused(key: str) -> None:
    assert failed(key, TrustUsEast1="true", ExternalId="3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13") == []
    (said,) = failed(key, TrustUsEast1="true", ExternalId=PLACEHOLDER_EXTERNAL_ID)
    assert "external ID of its own" in said
    assert re.search(templates()[key]["Parameters"]["ExternalId"]["AllowedPattern"], PLACEHOLDER_EXTERNAL_ID)


@pytest.mark.parametrize(
    ("example", "name", "shapes"),
    [
        ("quickstart", "quickstart", ["cmek-own-key", "private-link-new-vpc-endpoint"]),
        ("adopted-key", "search-prod", ["cmek-adopted-key"]),
        ("customer-keys", "saas", ["cmek-customer-keys"]),
        ("multi-region-key", "search-prod", ["cmek-own-key"]),
        ("hosted-zone", "shared-services", ["private-link-existing-vpc-hosted-zone"]),
        ("hub-and-spokes", "hub", ["private-link-existing-vpc-profile"]),
        ("on-premises", "data-center", ["private-link-existing-vpc-resolver-inbound"]),
        ("own-dns", "on-premises", ["private-link-existing-vpc-none"]),
        ("trust-all-regions-documented", "search-prod", ["cmek-own-key"]),
        ("trust-all-regions-account-root", "search-prod", ["cmek-own-key"]),
        ("trust-no-external-id", "search-prod", ["cmek-own-key"]),
    ],
)
def test_the_examples_have_released_templates(example: str, name: str, shapes: list[str]) -> None:
    configuration = load(EXAMPLES / f"{example}.yaml")
    found = fillings(configuration, {name: configuration.deployments[name]})
    assert [each.shape for each in found] == shapes


@pytest.mark.parametrize(
    ("example", "name", "said"),
    [
        ("adopted-endpoint", "existing", "there is no released template for an adopted endpoint"),
        ("private-link-only", "search-prod", "VPCEndpoint 1.Properties.SubnetIds differs"),
    ],
)
def test_what_no_template_expresses_is_refused(example: str, name: str, said: str) -> None:
    configuration = load(EXAMPLES / f"{example}.yaml")
    with pytest.raises(WrongInputError) as caught:
        fillings(configuration, {name: configuration.deployments[name]})
    assert said in caught.value.message


NEW_VPC = {"cidr": "10.20.0.0/16", "availability_zones": ["eu-west-1a", "eu-west-1b"]}
OLD_VPC = {
    "id": "vpc-0a1b2c3d4e5f60718",
    "subnet_ids": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
}
NETWORKS = [f"10.20.{number}.0/24" for number in range(21)]
GROUPS = [f"sg-0a1b2c3d4e5f607{number:02}" for number in range(11)]
VPCS = [f"vpc-0a1b2c3d4e5f607{number:02}" for number in range(11)]


def link(dns: str = "endpoint", **settings: Any) -> dict[str, Any]:
    """Return a deployment with an endpoint."""
    found = {"vpc": OLD_VPC, "clients": {"cidrs": NETWORKS[:1]}, "dns": dns, **settings}
    return {"account": "111122223333", "region": "eu-west-1", "private_link": found}


CLIENTS = {
    "most-networks": {"cidrs": NETWORKS[:20]},
    "six-networks": {"cidrs": NETWORKS[:6]},
    "one-group": {"security_group_ids": GROUPS[:1]},
    "most-groups": {"security_group_ids": GROUPS[:10]},
    "both": {"cidrs": NETWORKS[:7], "security_group_ids": GROUPS[:3]},
}


def test_endpoints_with_many_clients_of_both_kinds_have_released_templates(tmp_path: Path) -> None:
    deployments = {
        **{name: link(clients=clients) for name, clients in CLIENTS.items()},
        "both-in-a-new-vpc": link(clients=CLIENTS["both"], vpc=NEW_VPC),
        "own-dns": link("none", clients=CLIENTS["both"]),
        "zone": link("hosted-zone", client_vpc_ids=VPCS[:10]),
        "profile": link("profile", client_vpc_ids=VPCS[:6]),
        "resolver": link("resolver-inbound", resolver={"client_cidrs": NETWORKS[:10]}, clients=CLIENTS["both"]),
    }
    for number, each in enumerate(deployments.values()):
        each["account"] = str(100000000000 + number)
    configuration = written(tmp_path, deployments)
    found = fillings(configuration, configuration.deployments)
    assert [each.deployment for each in found] == list(deployments)
    assert {each.shape.rpartition("vpc-")[2] for each in found} == {
        "endpoint",
        "hosted-zone",
        "none",
        "profile",
        "resolver-inbound",
    }


@pytest.mark.parametrize(
    ("deployment", "said"),
    [
        (link(clients={"cidrs": NETWORKS}), "its value of ClientCidrs is not one that the template takes"),
        (link(clients={"security_group_ids": GROUPS}), "its value of ClientSecurityGroupIds is not one"),
        (link("profile", client_vpc_ids=VPCS), "its value of ClientVpcIds is not one"),
        (link(clients={"prefix_list_ids": ["pl-0a1b2c3d"]}), "name a network or a security group of clients"),
        (link(clients={}, security_group_ids=GROUPS[:1]), "name a network or a security group of clients"),
        (link(clients={"cidrs": NETWORKS[:1], "prefix_list_ids": ["pl-0a1b2c3d"]}), "differs"),
    ],
)
def test_clients_that_no_template_expresses_are_refused(tmp_path: Path, deployment: dict[str, Any], said: str) -> None:
    configuration = written(tmp_path, {"x": deployment})
    with pytest.raises(WrongInputError) as caught:
        fillings(configuration, configuration.deployments)
    assert said in caught.value.message


def failed(key: str, **values: str) -> list[str]:
    """Return the failed rules of a template with these values, and the defaults of the others."""
    declared = templates()[key]["Parameters"]
    given = {name: values.get(name, each.get("Default", "")) for name, each in declared.items()}
    return Resolution(templates()[key], given, account="111122223333", region="us-east-1").failed_rules()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"TrustUsEast1": "true"}, ""),
        ({"TrustUsEast1": "true", "ExternalId": "none"}, ""),
        ({}, "Trust at least one"),
        ({"TrustAllRegions": "documented"}, ""),
        ({"TrustAllRegions": "account-root", "TrustEuWest1": "true"}, "Name no Region beside TrustAllRegions"),
        ({"TrustAllRegions": "documented", "ExternalId": "none"}, "any Pinecone customer who learns the role's ARN"),
        ({"TrustAllRegions": "documented", "ExternalId": "none", "AcceptConfusedDeputy": "true"}, ""),
    ],
)
def test_the_console_refuses_a_trust_that_the_configuration_file_would_refuse(
    values: dict[str, str], said: str
) -> None:
    found = failed("cmek-own-key", **{"ExternalId": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13", **values})
    assert len(found) == bool(said)
    assert said in "".join(found)


@pytest.mark.parametrize("key", [*KEYS, *ROLE_KEYS])
def test_a_template_is_short_enough_for_a_request(key: str) -> None:
    """The AWS CLI passes a file as the template's body, which CloudFormation limits."""
    made = templates().get(key) or next(each.template() for each in ROLES if each.key == key)
    text = json_text(made)
    assert json.loads(text) == made
    assert len(text.encode()) <= TEMPLATE_BODY_MAX


TEMPLATE_BODY_MAX = 51_200
"""The bytes of TemplateBody ("CreateStack", AWS CloudFormation API Reference)."""


def altered() -> Iterator[tuple[str, Any]]:
    """Yield templates with one thing wrong, which must not pass for a deployment's own."""
    for place, value in (
        (("PineconeRole", "Properties", "RoleName"), "another"),
        (("EncryptionKey", "Properties", "EnableKeyRotation"), False),
        (("EncryptionKey", "DeletionPolicy"), "Delete"),
    ):
        template = json.loads(json.dumps(templates()["cmek-own-key"]))
        node = template["Resources"]
        for each in place[:-1]:
            node = node[each]
        node[place[-1]] = value
        yield place[-1], template


def test_a_template_that_differs_in_one_property_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = load(EXAMPLES / "quickstart.yaml")
    deployments = {
        name: each.model_copy(update={"private_link": None}) for name, each in configuration.deployments.items()
    }
    for place, template in altered():
        wrong = {"cmek-own-key": template}
        monkeypatch.setattr("pinekeep.operations.release.filling.released_templates", lambda _, wrong=wrong: wrong)
        with pytest.raises(WrongInputError, match=f"{place} differs"):
            fillings(configuration, deployments)


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.us-east-1.amazonaws.com/x",
        "https://example.com/x",
        "https://bucket.s3.us-east-1.amazonaws.com.example.com/x",
        "https://bucket.s3.us-east-1.amazonaws.com/x?y=1",
        "s3://bucket/x",
        "",
    ],
)
def test_an_address_outside_s3_is_refused_and_nothing_written(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongInputError, match="no HTTPS address in S3"):
        write_release(tmp_path / "out", bucket_url=url)
    assert not (tmp_path / "out").exists()


def test_a_launch_link_escapes_what_it_carries() -> None:
    link = launch_link(
        "https://b.s3.us-east-1.amazonaws.com/x/",
        "cmek-own-key",
        stack="S",
        region="us-east-1",
        parameters={"A": "a b&c=/#", "B": ""},
    )
    assert link.endswith(
        "#/stacks/quickcreate?templateURL=https%3A%2F%2Fb.s3.us-east-1.amazonaws.com%2Fx%2Fcmek-own-key.template.json"
        "&stackName=S&param_A=a%20b%26c%3D%2F%23"
    )
