"""The checks against an AWS that answers like AWS: the real templates, deployed, then tampered with."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.handover import HandedOver
from pinekeep.account.record.store import next_record, write_record
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of, stacks_of
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.customers.packing import Packing, pack
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from pinekeep.model.policies.stack import stack_policy
from pinekeep.operations.synthesis.toolchain import prepare_synth
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import CALLS_MAX, Extent, verify

pytestmark = pytest.mark.e2e
server = pytest.importorskip("pinekeep.emulator.server")

ACCOUNT = "111122223333"
PINECONE = "444455556666"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
ROLE = "pinekeep-prod-us-east-1"
SAAS_ROLE = "pinekeep-saas-us-east-1"
ACME_KEY = "arn:aws:kms:us-east-1:555566667777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DECISIONS = "decisions-as-planned"
Undo = Callable[[], Any]


class Counting:
    """A session that notes the calls of its clients."""

    def __init__(self, session: Any) -> None:
        self.calls: list[str] = []
        self.asked: list[tuple[str, Any]] = []
        self._session = session
        self._lock = Lock()

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        client = self._session.client(service_name, region_name=region_name, config=config)
        client.meta.events.register("before-call", self._note)
        return client

    def _note(self, model: Any, params: Any, **_: Any) -> None:
        with self._lock:
            self.calls.append(model.name)
            self.asked.append((model.name, {name: params.get(name) for name in ("url_path", "query_string", "body")}))


class Account:
    """The embedded account with the deployments in it."""

    def __init__(self, session: Any, deployments: dict[str, Deployment]) -> None:
        self.session = session
        self.deployments = deployments
        self.decided = False

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def verify(self, *names: str, session: Any = None, extent: Extent | None = None) -> list[Finding]:
        chosen = {name: each for name, each in self.deployments.items() if name in (names or self.deployments)}
        return verify(
            chosen,
            pinecone_account=PINECONE,
            clients_for=lambda each: Clients(session or self.session, each.region),
            customers=places(self.deployments),
            extent=extent,
        )

    def failures(self, name: str = "prod") -> set[str]:
        found = self.verify(name)
        self.decided = any(each.check == DECISIONS and each.status == "failed" for each in found)
        return {each.check for each in found if not each.passes} - {DECISIONS}

    def output(self, stack: str, key: str) -> str:
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return str({each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}[key])

    @property
    def key_arn(self) -> str:
        return self.output(naming.cmek_stack("prod"), "KeyArn")

    @property
    def endpoint(self) -> dict[str, Any]:
        endpoint_id = self.output(naming.private_link_stack("prod"), "VpcEndpointId")
        found: dict[str, Any] = self.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][
            0
        ]
        return found

    @property
    def zone_id(self) -> str:
        stack = naming.private_link_stack("prod")
        resources = self.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
        (found,) = [
            each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::Route53::HostedZone"
        ]
        return str(found)


def settings(vpc: dict[str, Any], **changes: Any) -> dict[str, Any]:
    cmek = {"trust": {"regions": ["us-east-1", "us-west-2"], "external_id": EXTERNAL_ID}}
    link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}, "dns": "endpoint"}
    return {"account": ACCOUNT, "region": "us-east-1", "cmek": cmek, "private_link": link, **changes}


def places(deployments: dict[str, Deployment]) -> dict[str, Packing]:
    """Return the customers' places. A role takes one policy, so that a template of two roles is small."""
    return {
        name: pack(customer_keys_of(each), policies_per_role=1)
        for name, each in deployments.items()
        if each.cmek is not None and each.cmek.customer_keys
    }


def existing_network(ec2: Any) -> tuple[dict[str, Any], str]:
    """Make a VPC with two subnets and a security group of clients, as a customer has them."""
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="clients", Description="clients", VpcId=vpc_id)["GroupId"]
    return {"id": vpc_id, "subnet_ids": [each["Subnet"]["SubnetId"] for each in subnets]}, group


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A deployment in a new VPC with a hosted zone, one in an existing VPC with an adopted key, one with customers."""
    private_names = {SERVICE: "*.private.aped-4627-b74a.pinecone.io"}
    with server.EmbeddedAws(account=ACCOUNT, endpoint_services=private_names) as aws:
        session = aws.session()
        network, clients = existing_network(session.client("ec2"))
        client_vpc, _ = existing_network(session.client("ec2"))
        adopted = session.client("kms").create_key()["KeyMetadata"]["Arn"]
        new = settings({"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]})
        new["private_link"].update(dns="hosted-zone", client_vpc_ids=[client_vpc["id"]])
        old = settings(network)
        old["cmek"] = {"trust": {"regions": "all", "external_id": EXTERNAL_ID}, "key": {"adopt": adopted}}
        old["private_link"]["clients"]["security_group_ids"] = [clients]
        saas = {name: value for name, value in settings(network).items() if name != "private_link"}
        crowd = [{"name": f"c{number}", "account": f"{600000000000 + number}"} for number in range(200)]
        saas["cmek"]["customer_keys"] = [
            {"name": "acme", "account": ACME_KEY.split(":")[4], "key_arns": [ACME_KEY]},
            *crowd,
        ]
        deployments = {
            name: Deployment.model_validate(each) for name, each in (("prod", new), ("old", old), ("saas", saas))
        }
        deploy(session, deployments, folder=tmp_path_factory.mktemp("assembly"))
        yield Account(session, deployments)


def deploy(session: Any, deployments: dict[str, Deployment], *, folder: Path) -> None:
    prepare_synth(os.environ)
    from stacks.build import add_stacks, new_app  # noqa: PLC0415 - aws_cdk starts Node, which must be chosen first

    app = new_app(outdir=str(folder))
    add_stacks(app, deployments, pinecone_account=PINECONE, customers=places(deployments))
    app.synth()
    cloudformation = session.client("cloudformation")
    for name, deployment in deployments.items():
        for stack in stacks_of(name, deployment):
            template = json.loads((folder / f"{stack}.template.json").read_text())
            for part in ("Parameters", "Rules"):  # of the CDK's bootstrap, which is not needed here
                template.pop(part, None)
            cloudformation.create_stack(
                StackName=stack,
                TemplateBody=json.dumps(template),
                Capabilities=["CAPABILITY_NAMED_IAM"],
                EnableTerminationProtection=stack.endswith("Cmek"),
            )
            if stack.endswith("Cmek"):
                cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(stack_policy()))
            cloudformation.get_waiter("stack_create_complete").wait(
                StackName=stack, WaiterConfig={"Delay": 0.2, "MaxAttempts": 200}
            )


def test_what_the_templates_make_passes_every_check(account: Account) -> None:
    assert [each for each in account.verify("prod") if not each.passes] == []
    assert len(account.verify("prod")) > 30
    settings = {each.check: each.status for each in account.verify("prod") if each.check.endswith("-settings")}
    assert settings == {"role-settings": "ok", "endpoint-settings": "ok"}


def test_an_adopted_key_fails_until_its_policy_names_the_role(account: Account) -> None:
    from pinekeep.model.policies.key import key_user_statements  # noqa: PLC0415

    assert account.failures("old") == {"adopted-key-policy-users"}
    kms = account.client("kms")
    cmek = account.deployments["old"].cmek
    assert cmek
    key_arn = cmek.key.adopt
    policy = json.loads(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
    policy["Statement"] += key_user_statements(f"arn:aws:iam::{ACCOUNT}:role/pinekeep-old-us-east-1")
    kms.put_key_policy(KeyId=key_arn, PolicyName="default", Policy=json.dumps(policy))
    assert account.failures("old") == set()


@pytest.mark.parametrize("name", ["prod", "old"])
def test_a_full_deployment_takes_seventeen_calls_with_that_for_whose_account_it_is(account: Account, name: str) -> None:
    session = Counting(account.session)
    account.verify(name, session=session)
    assert len(session.calls) <= 17
    assert len(session.calls) == {"prod": CALLS_MAX, "old": CALLS_MAX - 1}[name]
    assert len(set(map(str, session.asked))) == len(session.asked), "no call is made twice"
    assert all(name.startswith(("Get", "List", "Describe", "Lookup")) for name in session.calls)


def test_keys_of_customers_in_two_roles_pass_and_take_two_calls_a_policy(account: Account) -> None:
    session = Counting(account.session)
    found = account.verify("saas", session=session)
    assert [each for each in found if not each.passes] == []
    policies = len([each for each in found if each.check == "customer-keys-policies"])
    assert policies == 2
    assert len(session.calls) == 6 + 3 + 2 * policies
    assert set(session.calls) == {
        "DescribeStacks",
        "GetParameters",
        "GetStackPolicy",
        "GetRole",
        "ListRolePolicies",
        "ListAttachedRolePolicies",
        "GetPolicy",
        "GetPolicyVersion",
    }


def test_a_deployment_that_was_never_deployed_fails_and_does_not_raise(account: Account) -> None:
    deployment = account.deployments["prod"]
    found = verify(
        {"never": deployment},
        pinecone_account=PINECONE,
        clients_for=lambda each: Clients(account.session, each.region),
    )
    failed = {each.check for each in found if each.status == "failed"}
    assert failed == {
        "cmek-stack-state",
        "role-exists",
        "key-exists",
        "private-link-stack-state",
        "endpoint-exists",
        "hosted-zone",
    }
    assert {each.status for each in found if each.check != "handed-over-record"} == {"failed"}


# --- Tamperings: each is undone, so that the next begins with everything right ---


def trust_another_account(account: Account) -> Undo:
    iam = account.client("iam")
    before = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    after = json.loads(json.dumps(before))
    after["Statement"][0]["Principal"]["AWS"].append("arn:aws:iam::999988887777:root")
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(after))
    return lambda: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(before))


def forget_the_external_id(account: Account) -> Undo:
    iam = account.client("iam")
    before = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    after = json.loads(json.dumps(before))
    del after["Statement"][0]["Condition"]
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(after))
    return lambda: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(before))


def give_the_role_an_inline_policy(account: Account) -> Undo:
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=policy)
    return lambda: iam.delete_role_policy(RoleName=ROLE, PolicyName="more")


def attach_a_policy_to_the_role(account: Account) -> Undo:
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="more", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    return lambda: iam.detach_role_policy(RoleName=ROLE, PolicyArn=arn)


def disable_the_key(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    kms.disable_key(KeyId=arn)
    return lambda: kms.enable_key(KeyId=arn)


def schedule_the_keys_deletion(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)

    def undo() -> None:
        kms.cancel_key_deletion(KeyId=arn)
        kms.enable_key(KeyId=arn)

    return undo


def rotate_less_often(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=2000)
    return lambda: kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=365)


def stop_the_rotation(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    kms.disable_key_rotation(KeyId=arn)
    return lambda: kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=365)


def open_the_key_to_everyone(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    before = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    after = json.loads(before)
    after["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"})
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(after))
    return lambda: kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=before)


def point_the_alias_elsewhere(account: Account) -> Undo:
    kms, arn = account.client("kms"), account.key_arn
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/pinecone/prod", TargetKeyId=other)
    return lambda: kms.update_alias(AliasName="alias/pinecone/prod", TargetKeyId=arn.rsplit("/", 1)[-1])


def open_the_endpoint_to_every_address(account: Account) -> Undo:
    ec2, group = account.client("ec2"), account.endpoint["Groups"][0]["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return lambda: ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


def put_another_group_on_the_endpoint(account: Account) -> Undo:
    ec2, endpoint = account.client("ec2"), account.endpoint
    group = ec2.create_security_group(GroupName="other", Description="other", VpcId=endpoint["VpcId"])["GroupId"]
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], AddSecurityGroupIds=[group])
    return lambda: ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], RemoveSecurityGroupIds=[group])


def turn_private_dns_on(account: Account) -> Undo:
    """AWS refuses it while the zone of the same name is associated with the endpoint's VPC."""
    ec2, endpoint_id = account.client("ec2"), account.endpoint["VpcEndpointId"]
    route53, zone_id = account.client("route53"), account.zone_id
    vpc = {"VPCRegion": "us-east-1", "VPCId": account.endpoint["VpcId"]}
    route53.disassociate_vpc_from_hosted_zone(HostedZoneId=zone_id, VPC=vpc)
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PrivateDnsEnabled=True)

    def undo() -> None:
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PrivateDnsEnabled=False)
        route53.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=vpc)

    return undo


def turn_the_vpcs_host_names_off(account: Account) -> Undo:
    ec2, vpc_id = account.client("ec2"), account.endpoint["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": False})
    return lambda: ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})


def leave_a_client_vpc_out(account: Account) -> Undo:
    route53, zone_id = account.client("route53"), account.zone_id
    link = account.deployments["prod"].private_link
    vpc = {"VPCRegion": "us-east-1", "VPCId": link.client_vpc_ids[0] if link else ""}
    route53.disassociate_vpc_from_hosted_zone(HostedZoneId=zone_id, VPC=vpc)
    return lambda: route53.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=vpc)


def lead_the_names_elsewhere(account: Account) -> Undo:
    route53, zone_id = account.client("route53"), account.zone_id
    name = f"*.{private_zone_of(account.deployments['prod'])}"
    before = account.endpoint["DnsEntries"][0]

    def lead(zone: str, target: str) -> None:
        alias = {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": False}
        record = {"Name": name, "Type": "A", "AliasTarget": alias}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    lead("Z7HUB22UULQXV", "vpce-other.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com")
    return lambda: lead(before["HostedZoneId"], before["DnsName"])


def lead_one_index_elsewhere(account: Account) -> Undo:
    route53, zone_id = account.client("route53"), account.zone_id
    record = {
        "Name": f"myindex.svc.{private_zone_of(account.deployments['prod'])}",
        "Type": "AAAA",
        "TTL": 60,
        "ResourceRecords": [{"Value": "fd00::7"}],
    }

    def change(action: str) -> None:
        changes = [{"Action": action, "ResourceRecordSet": record}]
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    change("CREATE")
    return lambda: change("DELETE")


def deny_all_on_the_endpoints_subnets(account: Account) -> Undo:
    ec2, subnets = account.client("ec2"), account.endpoint["SubnetIds"]
    (acl,) = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["NetworkAcls"]
    rule = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 1, "Egress": False}
    ec2.create_network_acl_entry(**rule, Protocol="-1", RuleAction="deny", CidrBlock="0.0.0.0/0")
    return lambda: ec2.delete_network_acl_entry(**rule)


def drop_the_protection(account: Account) -> Undo:
    cloudformation, stack = account.client("cloudformation"), naming.cmek_stack("prod")
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    return lambda: cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=True)


def lift_the_stack_policy(account: Account) -> Undo:
    cloudformation, stack = account.client("cloudformation"), naming.cmek_stack("prod")
    before = cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"]
    anything = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(anything))
    return lambda: cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=before)


def saas_policy(number: int, role: str = SAAS_ROLE) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{role}-keys-{number}"


def rewrite(account: Account, change: Callable[[dict[str, Any]], Any]) -> Undo:
    """Change what the first policy of the deployment with customers says."""
    iam, arn = account.client("iam"), saas_policy(1)

    def default() -> str:
        return str(iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"])

    def write(document: dict[str, Any]) -> None:
        last = default()
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
        iam.delete_policy_version(PolicyArn=arn, VersionId=last)

    before = iam.get_policy_version(PolicyArn=arn, VersionId=default())["PolicyVersion"]["Document"]
    after = json.loads(json.dumps(before))
    change(after)
    write(after)
    return lambda: write(before)


def take_a_customer_out(account: Account) -> Undo:
    return rewrite(account, lambda document: document["Statement"][0]["Resource"].remove(ACME_KEY))


def let_the_role_use_every_key(account: Account) -> Undo:
    return rewrite(account, lambda document: document["Statement"][0].update(Resource="*"))


def let_the_role_delete_keys(account: Account) -> Undo:
    return rewrite(account, lambda document: document["Statement"][0]["Action"].append("kms:ScheduleKeyDeletion"))


def detach_a_policy_of_the_second_role(account: Account) -> Undo:
    iam, role = account.client("iam"), f"{SAAS_ROLE}-2"
    iam.detach_role_policy(RoleName=role, PolicyArn=saas_policy(1, role))
    return lambda: iam.attach_role_policy(RoleName=role, PolicyArn=saas_policy(1, role))


def trust_another_account_in_the_second_role(account: Account) -> Undo:
    iam, role = account.client("iam"), f"{SAAS_ROLE}-2"
    before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    after = json.loads(json.dumps(before))
    after["Statement"][0]["Principal"]["AWS"].append("arn:aws:iam::999988887777:root")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(after))
    return lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


CUSTOMER_TAMPERINGS: dict[Callable[[Account], Undo], tuple[str, str]] = {
    take_a_customer_out: ("customer-keys-policies", "missing: acme"),
    let_the_role_use_every_key: ("customer-keys-policies", "too many: * (any account)"),
    let_the_role_delete_keys: ("customer-keys-policies", "it allows kms:ScheduleKeyDeletion too"),
    detach_a_policy_of_the_second_role: ("role-attached-policies", f"policy {SAAS_ROLE}-2-keys-1 not attached"),
    trust_another_account_in_the_second_role: ("trust-policy-principals", "account 999988887777 is allowed too"),
}


@pytest.mark.parametrize("tamper", CUSTOMER_TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_tampering_with_customers_keys_is_told(account: Account, tamper: Callable[[Account], Undo]) -> None:
    undo = tamper(account)
    try:
        wrong = [each for each in account.verify("saas") if not each.passes and each.check != DECISIONS]
        assert [(each.check, each.found) for each in wrong] == [CUSTOMER_TAMPERINGS[tamper]]
    finally:
        undo()
    assert account.failures("saas") == set()


TAMPERINGS: dict[Callable[[Account], Undo], set[str]] = {
    trust_another_account: {"trust-policy-principals"},
    forget_the_external_id: {"trust-policy-external-id"},
    give_the_role_an_inline_policy: {"role-inline-policies"},
    attach_a_policy_to_the_role: {"role-attached-policies"},
    disable_the_key: {"key-state"},
    schedule_the_keys_deletion: {"key-state"},
    rotate_less_often: {"key-rotation"},
    stop_the_rotation: {"key-rotation"},
    open_the_key_to_everyone: {"key-policy-nothing-wider"},
    point_the_alias_elsewhere: {"key-alias"},
    open_the_endpoint_to_every_address: {"endpoint-clients"},
    put_another_group_on_the_endpoint: {"endpoint-security-group"},
    turn_private_dns_on: {"endpoint-private-dns", "hosted-zone-vpcs"},
    leave_a_client_vpc_out: {"hosted-zone-vpcs"},
    lead_the_names_elsewhere: {"hosted-zone-record"},
    lead_one_index_elsewhere: {"hosted-zone-record"},
    drop_the_protection: {"cmek-stack-protection"},
    lift_the_stack_policy: {"cmek-stack-policy"},
}


DECIDED_OTHERWISE = {
    trust_another_account,
    forget_the_external_id,
    open_the_key_to_everyone,
}
"""The tamperings after which somebody can do what nobody was to do, or no longer can."""


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_tampering_fails_its_check_and_no_other(account: Account, tamper: Callable[[Account], Undo]) -> None:
    undo = tamper(account)
    try:
        assert account.failures() == TAMPERINGS[tamper]
        assert account.decided is (tamper in DECIDED_OTHERWISE)
    finally:
        undo()
    assert account.failures() == set()


def test_what_is_left_out_otherwise_is_read_where_drift_is_asked_for(account: Account) -> None:
    (left_out,) = [each for each in account.verify("prod") if each.check == "vpc-dns"]
    assert left_out.status == "note"
    assert "not checked: a verification takes at most 17 calls" in left_out.found
    undo = [
        turn_the_vpcs_host_names_off(account),
        trust_another_account(account),
        deny_all_on_the_endpoints_subnets(account),
    ]
    try:
        found = {each.check: each for each in account.verify("prod", extent=Extent(drift=True))}
        assert found["vpc-dns"].found == "DNS hostnames are off"
        assert "denies requests to port 443 from 10.0.0.0/16" in found["endpoint-network-acl"].found
        assert found["cmek-stack-drift"].found.startswith("PineconeRole (AWS::IAM::Role) differs in AssumeRolePolicy")
        assert found["cmek-stack-drift"].status == "failed"
    finally:
        for each in undo:
            each()
    noted = {each.check: each for each in account.verify("prod")}["cmek-stack-drift"]
    assert noted.status == "note"
    assert noted.found.startswith("CloudFormation found changes when it last looked on ")
    after = {each.check: each for each in account.verify("prod", extent=Extent(drift=True))}
    assert after["endpoint-network-acl"].status == "ok"
    assert (after["vpc-dns"].status, after["cmek-stack-drift"].status) == ("ok", "ok")
    assert {each.check: each.status for each in account.verify("prod")}["cmek-stack-drift"] == "ok"


def test_a_record_is_held_against_what_is_live(account: Account) -> None:
    clients = Clients(account.session, "us-east-1")
    deployment = account.deployments["prod"]
    outputs = {
        key: account.output(stack, key)
        for stack, keys in (
            (naming.cmek_stack("prod"), ("RoleArn", "KeyArn", "ExternalId")),
            (naming.private_link_stack("prod"), ("VpcEndpointId",)),
        )
        for key in keys
    }
    given = HandedOver.of_outputs(deployment, outputs)
    record = write_record(clients, next_record("prod", given, before=None, by="somebody"))
    found = {each.check: each.status for each in account.verify("prod") if each.check.startswith("handed-over-")}
    assert list(found.values()) == ["ok"] * 7
    undo = forget_the_external_id(account)
    try:
        told = [each.check for each in account.verify("prod") if each.status == "failed"]
        assert told == ["handed-over-external-id", "trust-policy-external-id", DECISIONS]
    finally:
        undo()
        account.client("ssm").delete_parameters(
            Names=[naming.record_parameter("prod"), naming.record_copy_parameter("prod")]
        )
    assert record.stored is not None


def test_a_role_that_was_cut_off_is_known_from_a_broken_one(account: Account) -> None:
    iam = account.client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName=REVOKED_POLICY_NAME, PolicyDocument=json.dumps(revoked_policy()))
    try:
        session = Counting(account.session)
        wrong = [each for each in account.verify("prod", session=session) if not each.passes]
        assert [each.check for each in wrong] == ["role-cut-off"]
        assert wrong[0].found.startswith("Pinecone is cut off by pinekeep revoke: ")
        assert session.calls.count("GetRolePolicy") == 1
    finally:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=REVOKED_POLICY_NAME)
    assert account.failures() == set()


def test_credentials_of_another_account_are_refused_before_anything_is_said(account: Account) -> None:
    elsewhere = account.deployments["prod"].model_copy(update={"account": "999988887777"})
    session = Counting(account.session)
    for name in ("prod", "never"):
        with pytest.raises(AwsRefusedError, match="needs calls to account 999988887777, but the current credentials"):
            verify(
                {name: elsewhere},
                pinecone_account=PINECONE,
                clients_for=lambda each: Clients(session, each.region),
            )
    assert session.calls.count("GetCallerIdentity") == 2
    assert set(session.calls) == {"DescribeStacks", "GetCallerIdentity"}


def test_a_deleted_endpoint_is_told(account: Account) -> None:
    endpoint_id = account.endpoint["VpcEndpointId"]
    account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    assert account.failures() == {"endpoint-exists"}
