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
from pinekeep.operations.release.catalogue import CMEK, SHAPES
from pinekeep.operations.release.comparison import require_expressible
from pinekeep.operations.release.filling import fillings
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
ROLE_KEYS = [each.key for each in ROLES]


@cache
def templates() -> dict[str, dict[str, Any]]:
    return released_templates(SHAPES)


@pytest.mark.parametrize("key", KEYS)
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
    body = json.dumps([template["Resources"], template["Outputs"], template.get("Conditions")])
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


def generated(count: int) -> dict[str, Any]:
    """Return deployments with a key, with settings drawn at random, the same each time."""
    draw = random.Random(11)  # noqa: S311 - not for secrets
    found = {}
    for number in range(count):
        account = draw.choice(["111122223333", "444455556666"])
        regions = draw.sample(["us-east-1", "us-west-2", "eu-west-1"], draw.randint(1, 3))
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
        trust = {"regions": sorted(regions), "external_id": str(UUID(int=number + 1000, version=4))}
        found[f"drawn-{number}"] = {**settings, "cmek": {"trust": trust, **key}}
    return found


def written(folder: Path, deployments: dict[str, Any]) -> Configuration:
    path = folder / "pinekeep.yaml"
    path.write_text(json.dumps({"version": 1, "pinecone_account": PINECONE, "deployments": deployments}))
    return load(path)


def test_a_template_that_is_filled_in_decides_as_the_deployments_own(tmp_path: Path) -> None:
    configuration = written(tmp_path, generated(24))
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
    drawn = {name: each for name, each in generated(24).items() if "rotation_days" in each["cmek"].get("key", {})}
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
    values = {name: each.get("Default", "1") for name, each in templates()[key]["Parameters"].items()}
    values |= {"TrustUsEast1": "true", "ExternalId": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}

    def refused(external_id: str) -> list[str]:
        given = {**values, "ExternalId": external_id}
        return Resolution(templates()[key], given, account="111122223333", region="us-east-1").failed_rules()

    assert refused(values["ExternalId"]) == []
    (said,) = refused(PLACEHOLDER_EXTERNAL_ID)
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
    ],
)
def test_the_examples_have_released_templates(example: str, name: str, shapes: list[str]) -> None:
    configuration = load(EXAMPLES / f"{example}.yaml")
    found = fillings(configuration, {name: configuration.deployments[name]})
    assert [each.shape for each in found] == shapes


@pytest.mark.parametrize(
    ("example", "name", "said"),
    [
        ("trust-all-regions-documented", "search-prod", "trust at least one Pinecone region"),
        ("trust-no-external-id", "search-prod", "its value of ExternalId is not one that the template takes"),
        ("adopted-endpoint", "existing", "there is no released template for an adopted endpoint"),
        ("private-link-only", "search-prod", "VPCEndpoint 1.Properties.SubnetIds differs"),
    ],
)
def test_what_no_template_expresses_is_refused(example: str, name: str, said: str) -> None:
    configuration = load(EXAMPLES / f"{example}.yaml")
    with pytest.raises(WrongInputError) as caught:
        fillings(configuration, {name: configuration.deployments[name]})
    assert said in caught.value.message


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
