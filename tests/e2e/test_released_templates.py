"""Released templates, launched: a deployment to `verify`, keys of several Regions with one role, a fleet's roles."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.release.resolution import Resolution
from pinekeep.operations.release.writing import write_release
from tests.command_support import GOOD, Run, named

PASSED = {
    "cmek-stack-policy",
    "cmek-stack-protection",
    "decisions-as-planned",
    "key-kind",
    "key-policy-users",
    "key-rotation",
    "role-permissions-boundary",
    "trust-policy-conditions",
    "trust-policy-principals",
}

CMEK_ALONE = GOOD[: GOOD.index("    private_link:")].replace("    tags: {team: search}\n", "")

pytestmark = pytest.mark.process


def launch(
    aws: EmbeddedAws,
    template: Path,
    *,
    stack: str,
    parameters: Mapping[str, str],
    region: str,
    account: str | None = None,
) -> None:
    """Create a stack as the console does, and wait for it."""
    cloudformation = aws.session(account, region=region).client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        StackPolicyBody=(template.parent / "stack-policy.json").read_text(),
        EnableTerminationProtection=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the released templates."""
    folder = tmp_path_factory.mktemp("release")
    write_release(folder, bucket_url=None)
    return folder


def test_a_launched_template_passes_verification(pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws) -> None:
    stack = parameters(pinekeep, folder, "launched", CMEK_ALONE)
    template = release / stack["template"]
    launch(aws, template, stack=stack["stack"], parameters=stack["parameters"], region=stack["region"])
    verified = pinekeep("verify", "--json")
    findings = {each["check"]: each for each in verified.require_schema("verify")["findings"]}
    assert {name: each["found"] for name, each in findings.items() if each["status"] == "failed"} == {}
    assert {name for name, each in findings.items() if each["status"] == "ok"} >= PASSED


def parameters(pinekeep: Run, folder: Path, name: str, settings: str) -> Any:
    """Return the template and the parameters of a deployment with one stack."""
    (folder / "pinekeep.yaml").write_text(named(name, settings))
    (stack,) = pinekeep("parameters", "--json").require_schema("parameters")["stacks"]
    return stack


def test_stacks_in_two_regions_have_one_role(pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws) -> None:
    settings = CMEK_ALONE.replace("regions: [us-east-1]", "regions: all")
    stack = parameters(pinekeep, folder, "spread", settings)
    role = stack["parameters"]["RoleName"]
    others: dict[str, set[str]] = {}
    for region in ("us-east-1", "eu-west-1"):
        values = {**stack["parameters"], "RoleRegion": "us-east-1"}
        launch(aws, release / stack["template"], stack="spread", parameters=values, region=region)
        cloudformation, kms = (aws.session(region=region).client(name) for name in ("cloudformation", "kms"))
        resources = cloudformation.describe_stack_resources(StackName="spread")["StackResources"]
        (described,) = cloudformation.describe_stacks(StackName="spread")["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
        policy = json.loads(kms.get_key_policy(KeyId=outputs["KeyArn"])["Policy"])
        (user,) = {each["Principal"]["AWS"] for each in policy["Statement"] if each["Sid"] == "AllowUseOfTheKey"}
        others[region] = {each["ResourceType"] for each in resources} - {"AWS::KMS::Key", "AWS::KMS::Alias"}
        assert user == outputs["RoleArn"] == f"arn:aws:iam::{aws.account}:role/{role}"
    assert others == {"us-east-1": {"AWS::IAM::Role"}, "eu-west-1": set()}
    trust = aws.session().client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    external_id = stack["parameters"]["ExternalId"]
    assert trust == trust_policy(pinecone_account="740000000001", regions="all", external_id=external_id)


def test_the_clients_of_a_launched_endpoint_are_those_of_the_lists(
    pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws
) -> None:
    head, _, link = GOOD.partition("    cmek:\n")
    _, _, link = link.partition("    private_link:\n")
    networks = [f"10.20.{number}.0/24" for number in range(7)]
    settings = f"{head}    private_link:\n{link}".replace("[10.20.0.0/16]", f"[{', '.join(networks)}]")
    stack = parameters(pinekeep, folder, "clients", settings.replace("    tags: {team: search}\n", ""))
    values = {**stack["parameters"], "ClientSecurityGroupIds": "sg-0a1b2c3d4e5f60718,sg-0a1b2c3d4e5f60719"}
    launch(aws, release / stack["template"], stack=stack["stack"], parameters=values, region=stack["region"])
    (described,) = aws.session().client("cloudformation").describe_stacks(StackName=stack["stack"])["Stacks"]
    (group,) = (each["OutputValue"] for each in described["Outputs"] if each["OutputKey"] == "SecurityGroupId")
    (found,) = aws.session().client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    ranges = [each["CidrIp"] for rule in found["IpPermissions"] for each in rule["IpRanges"]]
    groups = [each["GroupId"] for rule in found["IpPermissions"] for each in rule["UserIdGroupPairs"]]
    assert (sorted(ranges), sorted(groups)) == (networks, values["ClientSecurityGroupIds"].split(","))


ROLES = {
    "fleet-verification-role": {"AdministratorArns": "arn:aws:iam::444455556666:role/Security"},
    "fleet-execution-role": {"AdministrationRoleArn": "arn:aws:iam::444455556666:role/Administration"},
    "fleet-administration-role": {"TargetAccounts": "111122223333,777788889999"},
}


def test_the_roles_of_a_fleet_are_created_as_their_templates_say(release: Path, aws: EmbeddedAws) -> None:
    for key, values in ROLES.items():
        path = release / f"{key}.template.json"
        launch(aws, path, stack=key, parameters=values, region="us-east-1")
        template = json.loads(path.read_text())
        resources = Resolution(template, values, account=aws.account, region="us-east-1").template()["Resources"]
        wanted = resources["Role"]["Properties"]
        iam = aws.session().client("iam")
        role = iam.get_role(RoleName=wanted["RoleName"])["Role"]
        assert role["AssumeRolePolicyDocument"] == wanted["AssumeRolePolicyDocument"]
        (inline,) = wanted["Policies"]
        live = iam.get_role_policy(RoleName=wanted["RoleName"], PolicyName=inline["PolicyName"])
        assert live["PolicyDocument"] == inline["PolicyDocument"]
        attached = iam.list_attached_role_policies(RoleName=wanted["RoleName"])["AttachedPolicies"]
        documents = [
            iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
            for each in attached
        ]
        managed = [each["Properties"]["PolicyDocument"] for name, each in resources.items() if name != "Role"]
        assert sorted(documents, key=str) == sorted(managed, key=str)


CUSTOMER = "888877776666"
URL = "https://templates.s3.us-east-1.amazonaws.com/v1"


def test_a_customers_account_is_verified_and_handed_over_after_the_launch_of_a_link(
    pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = named("customer", CMEK_ALONE).replace("111122223333", CUSTOMER)
    (folder / "pinekeep.yaml").write_text(settings)
    (stack,) = pinekeep("parameters", "--bucket-url", URL, "--json").json["stacks"]
    link = dict(parse_qsl(urlsplit(stack["launch_link"]).fragment.partition("?")[2]))
    assert link["stackName"] == "Pinekeep-customer-Cmek"
    template = release / link["templateURL"].removeprefix(f"{URL}/")
    values = {key.removeprefix("param_"): value for key, value in link.items() if key.startswith("param_")}
    launch(aws, template, stack=link["stackName"], parameters=values, region=stack["region"], account=CUSTOMER)

    # The role that the customer lets in verifies the account, and nothing but that.
    trust = {"Effect": "Allow", "Principal": {"AWS": aws.account}, "Action": "sts:AssumeRole"}
    ours = {"Version": "2012-10-17", "Statement": [trust]}
    aws.session().client("iam").create_role(RoleName="Operator", AssumeRolePolicyDocument=json.dumps(ours))
    operator = f"arn:aws:iam::{aws.account}:role/Operator"
    verification = release / "fleet-verification-role.template.json"
    launch(
        aws, verification, stack="v", parameters={"AdministratorArns": operator}, region="us-east-1", account=CUSTOMER
    )
    role = f"    assume_role: arn:aws:iam::{CUSTOMER}:role/PinekeepFleetVerification\n    cmek:\n"
    (folder / "pinekeep.yaml").write_text(settings.replace("    cmek:\n", role))
    may_assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may_assume]})
    aws.session().client("iam").put_role_policy(RoleName="Operator", PolicyName="a", PolicyDocument=document)
    keys = aws.session().client("sts").assume_role(RoleArn=operator, RoleSessionName="operator")["Credentials"]
    for name, key in (("ACCESS_KEY_ID", "AccessKeyId"), ("SECRET_ACCESS_KEY", "SecretAccessKey")):
        monkeypatch.setenv(f"AWS_{name}", keys[key])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])

    verified = pinekeep("verify", "--json")
    findings = verified.require_schema("verify")["findings"]
    assert [each["check"] for each in findings if each["status"] in ("failed", "unreadable")] == []
    handed = pinekeep("handoff", "--json")
    assert handed.code == 0, handed.err
    (page,) = handed.require_schema("handoff")["pages"]
    assert {each["label"]: each["value"] for each in page["fields"]}["External ID"] == values["ExternalId"]
    assert pinekeep("handoff", "--record").code == 3
