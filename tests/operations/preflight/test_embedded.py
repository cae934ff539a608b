"""The look before a deployment, by a user with its policy alone, on an AWS that answers like AWS."""

import json
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.identity import who_am_i
from pinekeep.account.reads.calls import OPERATIONS
from pinekeep.decisions.privileges import policies_for
from pinekeep.decisions.privileges.verbs import DRY_RUNS, VERBS, actions_of
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import Bootstrap
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.storage import AuditLogs
from pinekeep.model.facts import bootstrap, pinecone
from pinekeep.model.policies.key import key_user_statements
from pinekeep.operations.preflight.preflight import preflight
from pinekeep.operations.preflight.simulation import bootstrap_role
from pinekeep.operations.verification.checks.finding import Finding
from tests.decisions.privileges.conftest import PREFIXES
from tests.faults.fault import Fault
from tests.operations.verification.conftest import ACCOUNT, EXTERNAL_ID, PINECONE

pytestmark = pytest.mark.e2e

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:*"}]}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ROLE = "pinekeep-prod-us-east-1"


_PERMISSIONS = {
    (permission.partition(":")[0], operation): permission.partition(":")[2]
    for permission, operation in OPERATIONS.items()
}
"""The names of permissions that are not those of their calls."""


class Counting:
    """A session that notes the calls of its clients."""

    def __init__(self, session: Any) -> None:
        self.calls: list[str] = []
        self._session = session
        self._lock = Lock()

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        client = self._session.client(service_name, region_name=region_name, config=config)
        client.meta.events.register("before-call", self._note)
        return client

    def get_credentials(self) -> Any:
        return self._session.get_credentials()

    def _note(self, model: Any, **_: Any) -> None:
        with self._lock:
            service = model.service_model.signing_name
            prefix = PREFIXES.get(service, service)
            self.calls.append(f"{prefix}:{_PERMISSIONS.get((prefix, model.name), model.name)}")


class Account:
    """The embedded account, bootstrapped by hand, with the VPC that the deployment is to go into."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.root = aws.session()
        ec2 = self.client("ec2")
        self.vpc = self.make_vpc("10.0.0.0/16")
        self.client_vpc = self.make_vpc("10.1.0.0/16")
        self.subnets = [self.make_subnet(number, zone) for number, zone in enumerate("ab")]
        group = ec2.create_security_group(GroupName="clients", Description="clients", VpcId=self.vpc)
        self.group = group["GroupId"]
        self.deployment = self.configured()
        iam = self.client("iam")
        for kind in (*bootstrap.ASSUMED, "cfn-exec"):
            name = bootstrap_role(self.deployment, kind).rpartition("/")[2]
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
        self.client("ssm").put_parameter(Name=bootstrap.VERSION_PARAMETER, Value="33", Type="String")

    def client(self, service: str) -> Any:
        return self.root.client(service)

    def make_vpc(self, cidr: str) -> str:
        ec2 = self.client("ec2")
        vpc_id = str(ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])
        ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
        return vpc_id

    def make_subnet(self, number: int, zone: str, *, vpc: str | None = None, network: str = "10.0") -> str:
        made = self.client("ec2").create_subnet(
            VpcId=vpc or self.vpc, CidrBlock=f"{network}.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        return str(made["Subnet"]["SubnetId"])

    def prefix_list(self, most: int) -> str:
        made = self.client("ec2").create_managed_prefix_list(
            PrefixListName="offices", MaxEntries=most, AddressFamily="IPv4"
        )
        return str(made["PrefixList"]["PrefixListId"])

    def forward(self, domain: str, undo: list[Callable[[], Any]]) -> None:
        """Have a Resolver rule send the names of a domain from the endpoint's VPC to a server of one's own."""
        resolver = self.client("route53resolver")
        rule = resolver.create_resolver_rule(
            CreatorRequestId="1", RuleType="FORWARD", DomainName=domain, TargetIps=[{"Ip": "10.9.0.2"}]
        )["ResolverRule"]["Id"]
        resolver.associate_resolver_rule(ResolverRuleId=rule, VPCId=self.vpc)
        undo.append(lambda: resolver.disassociate_resolver_rule(ResolverRuleId=rule, VPCId=self.vpc))

    def configured(self, *, key: Any = None, **link: Any) -> Deployment:
        cmek: dict[str, Any] = {"trust": {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}}
        vpc = {"id": self.vpc, "subnet_ids": self.subnets}
        clients = {"cidrs": ["10.0.0.0/16"], "security_group_ids": [self.group]}
        settings = {"vpc": vpc, "clients": clients, "dns": "hosted-zone", "client_vpc_ids": [self.client_vpc]}
        return Deployment.model_validate(
            {
                "account": ACCOUNT,
                "region": "us-east-1",
                "cmek": cmek | ({"key": key} if key else {}),
                "private_link": settings | link,
            }
        )

    def session_of(self, deployment: Deployment) -> Any:
        """Return the session of a new user with the policy of `deploy` for the deployment, and nothing else."""
        iam = self.client("iam")
        name = f"ann-{len(iam.list_users()['Users'])}"
        iam.create_user(UserName=name)
        for policy in policies_for("deploy", {"prod": deployment}):
            iam.put_user_policy(UserName=name, PolicyName=policy.name, PolicyDocument=json.dumps(policy.document))
        return self.aws.session(credentials=iam.create_access_key(UserName=name)["AccessKey"])

    def look(self, deployment: Deployment | None = None, *, session: Any = None) -> list[Finding]:
        chosen = deployment or self.deployment
        session = session or self.session_of(chosen)
        return preflight(
            {"prod": chosen},
            pinecone_account=PINECONE,
            clients_for=lambda region: Clients(session, region),
            caller=who_am_i(Clients(session, chosen.region)),
        )

    def blocked(self, deployment: Deployment | None = None) -> dict[str, str]:
        return {each.check: each.found for each in self.look(deployment) if each.status == "failed"}


def beside_the_dry_run(findings: list[Finding]) -> list[Finding]:
    """What is not as it should be, but for the dry run: the policies let nobody but CloudFormation make an endpoint."""
    return [each for each in findings if each.status != "ok" and each.check != "endpoint-organization"]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with EmbeddedAws(account=ACCOUNT, endpoint_services=endpoint_services()) as aws:
        yield Account(aws)


Undo = Callable[[], Any]


@pytest.fixture
def undo() -> Iterator[list[Undo]]:
    """What is to be done at the end of the test, last first."""
    steps: list[Undo] = []
    yield steps
    for step in reversed(steps):
        step()


def test_the_qualifier_of_another_bootstrap_is_found(account: Account) -> None:
    other = account.deployment.model_copy(update={"bootstrap": Bootstrap(qualifier="platform")})
    assert account.blocked(other) == {
        "bootstrap-version": (
            "account 111122223333 is bootstrapped in us-east-1 with qualifier hnb659fds, not with platform"
        )
    }


def test_a_prefix_list_counts_with_the_most_entries_that_it_may_have(account: Account) -> None:
    large, missing = account.prefix_list(61), "pl-0a1b2c3d4e5f60718"
    assert set(account.blocked(account.configured(clients={"prefix_list_ids": [large]}))) == {"quota-rules"}
    blocked = account.blocked(account.configured(clients={"prefix_list_ids": [account.prefix_list(20), missing]}))
    assert blocked == {"client-prefix-lists": f"there is no {missing} here"}


def test_where_all_is_well_every_finding_says_so_with_the_policy_alone(account: Account) -> None:
    findings = account.look()
    assert [(each.check, each.status, each.found) for each in beside_the_dry_run(findings)] == []
    assert len(findings) > 20


def test_every_call_is_covered_by_the_policy_and_none_is_made_twice(account: Account, undo: list[Undo]) -> None:
    kms = account.client("kms")
    adopted = kms.create_key()["KeyMetadata"]["Arn"]
    taken = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/pinecone/prod", TargetKeyId=taken)
    undo.append(lambda: kms.delete_alias(AliasName="alias/pinecone/prod"))
    other = account.client("ec2").create_security_group(
        GroupName="peers", Description="peers", VpcId=account.client_vpc
    )["GroupId"]
    clients = {"cidrs": ["10.0.0.0/16"], "security_group_ids": [other]}
    offices = account.prefix_list(20)
    elsewhere = account.configured().model_copy(update={"bootstrap": Bootstrap(qualifier="platform")})
    user = account.client("iam").create_user(UserName="administrator")["User"]["Arn"]
    named = account.configured(key={"administrators": [user]}).model_copy(
        update={"permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess"}
    )
    account.forward("example.com", undo)
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(
        Name=pinecone.PRIVATE_LINK["us-east-1"].private_zone,
        CallerReference="adopted",
        VPC={"VPCRegion": "us-east-1", "VPCId": account.vpc},
    )["HostedZone"]["Id"].rpartition("/")[2]
    undo.append(lambda: route53.delete_hosted_zone(Id=zone))
    profiles = account.client("route53profiles")
    profile = profiles.create_profile(Name="adopted", ClientToken="adopted")["Profile"]["Id"]
    undo.append(lambda: profiles.delete_profile(ProfileId=profile))
    profiles.associate_resource_to_profile(
        Name="zone", ProfileId=profile, ResourceArn=f"arn:aws:route53:::hostedzone/{zone}"
    )
    ec2 = account.client("ec2")
    endpoint = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=account.vpc,
        SubnetIds=account.subnets,
        ServiceName=pinecone.PRIVATE_LINK["us-east-1"].service_name,
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]
    undo.append(lambda: ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint]))
    account.client("s3").create_bucket(Bucket="example-adopted-audit-logs")
    topic = account.client("sns").create_topic(Name="alerts")["TopicArn"]
    undo.append(lambda: account.client("sns").delete_topic(TopicArn=topic))
    undo.append(lambda: account.client("s3").delete_bucket(Bucket="example-adopted-audit-logs"))
    audit_logs = {"bucket": {"adopt": "example-adopted-audit-logs", "kms_key": adopted}}
    monitoring = {"topic": topic, "denied_use": "metric-filter", "trail_log_group": "trail"}
    watched = account.configured().model_copy(
        update={
            "audit_logs": AuditLogs.model_validate(audit_logs),
            "monitoring": Monitoring.model_validate(monitoring),
        }
    )
    made: set[str] = set()
    new_vpc = {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
    for deployment in (
        account.configured(clients=clients),
        account.configured(key={"adopt": adopted}),
        account.configured(clients={"prefix_list_ids": [offices]}),
        elsewhere,
        named,
        watched,
        account.configured(vpc=new_vpc, client_vpc_ids=[], clients={"cidrs": ["10.2.0.0/16"]}, dns="endpoint"),
        account.configured(dns="profile", hosted_zone_id=zone, profile_id=profile),
        account.configured(
            vpc={"id": account.vpc, "adopt": endpoint},
            clients={},
            client_vpc_ids=[],
            dns="resolver-inbound",
            resolver={"client_cidrs": ["192.168.0.0/24"], "subnet_ids": account.subnets},
        ),
    ):
        session = Counting(account.session_of(deployment))
        findings = account.look(deployment, session=session)
        assert not [each for each in beside_the_dry_run(findings) if each.status == "unreadable"]
        # Those that are made once for each VPC, attribute, role or quota; the unit tests hold their arguments.
        assert len(session.calls) <= (46 if deployment is watched else 37)
        made |= set(session.calls)
    asked = made - {"sts:GetCallerIdentity"}
    assert asked == (actions_of(VERBS["preflight"]) - {"sts:AssumeRole"}) | set(DRY_RUNS)


def test_a_role_session_is_known_by_its_role(account: Account) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="Deployers", Path="/teams/", AssumeRolePolicyDocument=json.dumps(TRUST))
    for policy in policies_for("deploy", {"prod": account.deployment}):
        iam.put_role_policy(RoleName="Deployers", PolicyName=policy.name, PolicyDocument=json.dumps(policy.document))
    arn = f"arn:aws:iam::{ACCOUNT}:role/teams/Deployers"
    credentials = account.client("sts").assume_role(RoleArn=arn, RoleSessionName="ann")["Credentials"]
    findings = account.look(session=account.aws.session(credentials=credentials))
    assert [each.found for each in beside_the_dry_run(findings)] == []
    (found,) = [each for each in findings if each.check == "deploy-permissions"]
    assert found.found == "these credentials can act as the bootstrap's roles"


def test_credentials_without_the_bootstraps_roles_stand_in_the_way(account: Account) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="reader")
    read_only = {"Statement": [{"Effect": "Allow", "Action": ["*:Describe*", "*:Get*", "*:List*"], "Resource": "*"}]}
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps(read_only))
    session = account.aws.session(credentials=iam.create_access_key(UserName="reader")["AccessKey"])
    failed = [each for each in account.look(session=session) if each.status == "failed"]
    assert [each.check for each in failed] == ["deploy-permissions"]
    assert "may not assume cdk-hnb659fds-deploy-role" in failed[0].found


def test_what_may_not_be_read_is_told_and_stands_in_nobodys_way(account: Account) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="assumer")
    assume = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.put_user_policy(UserName="assumer", PolicyName="p", PolicyDocument=json.dumps(assume))
    session = account.aws.session(credentials=iam.create_access_key(UserName="assumer")["AccessKey"])
    findings = account.look(session=session)
    assert not [each for each in findings if each.status == "failed"]
    closed = {each.check for each in findings if each.status == "unreadable"}
    assert {"bootstrap-version", "cmek-stack", "private-link-stack", "subnets", "endpoint-service-exists"} <= closed


@pytest.mark.fault(
    "somebody deleted the stack by hand; key and role were retained",
    sees="stack Pinekeep-prod-Cmek is gone, and its retained resources are still there: role …, key …",
    safe="No second key is made, ever: deploying is refused until what was kept is taken in again.",
)
def test_a_stack_deleted_by_hand_is_known_by_what_it_kept(fault: Fault, account: Account, undo: list[Undo]) -> None:
    tags = [{"Key": "pinekeep:deployment", "Value": "prod"}]
    iam, kms = account.client("iam"), account.client("kms")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)
    undo.append(lambda: iam.delete_role(RoleName=ROLE))
    key = kms.create_key(Tags=[{"TagKey": each["Key"], "TagValue": each["Value"]} for each in tags])["KeyMetadata"]
    undo.append(lambda: kms.untag_resource(KeyId=key["KeyId"], TagKeys=["pinekeep:deployment"]))
    kept = f"role {ROLE}, key {key['Arn']}"
    assert account.blocked() == {
        "left-behind": f"stack Pinekeep-prod-Cmek is gone, and its retained resources are still there: {kept}"
    }
    kms.create_alias(AliasName="alias/pinecone/prod", TargetKeyId=key["KeyId"])
    undo.append(lambda: kms.delete_alias(AliasName="alias/pinecone/prod"))
    assert set(account.blocked()) == {"left-behind"}
    fault.require_seen(account.blocked()["left-behind"])


def test_names_of_somebody_else_stand_in_the_way(account: Account, undo: list[Undo]) -> None:
    iam, kms = account.client("iam"), account.client("kms")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    undo.append(lambda: iam.delete_role(RoleName=ROLE))
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/pinecone/prod", TargetKeyId=key["KeyId"])
    undo.append(lambda: kms.delete_alias(AliasName="alias/pinecone/prod"))
    assert account.blocked() == {
        "role-name": f"the role {ROLE} exists already and does not belong to stack Pinekeep-prod-Cmek",
        "key-alias-name": f"alias/pinecone/prod exists already, for key {key['Arn']}",
    }


def test_a_stack_of_somebody_else_stands_in_the_way(account: Account, undo: list[Undo]) -> None:
    cloudformation = account.client("cloudformation")
    body = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}})
    cloudformation.create_stack(StackName="Pinekeep-prod-PrivateLink", TemplateBody=body)
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="Pinekeep-prod-PrivateLink", WaiterConfig={"Delay": 0.2, "MaxAttempts": 100})
    undo.append(lambda: cloudformation.delete_stack(StackName="Pinekeep-prod-PrivateLink"))
    assert "lacks the tag pinekeep:deployment" in account.blocked()["private-link-stack"]


def test_a_change_set_that_nobody_executed_is_noted(account: Account, undo: list[Undo]) -> None:
    cloudformation = account.client("cloudformation")
    body = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}})
    cloudformation.create_change_set(
        StackName="Pinekeep-prod-Cmek", ChangeSetName="theirs", ChangeSetType="CREATE", TemplateBody=body
    )
    undo.append(lambda: cloudformation.delete_stack(StackName="Pinekeep-prod-Cmek"))
    (found,) = [each for each in account.look() if each.check == "cmek-stack"]
    assert (found.status, "REVIEW_IN_PROGRESS" in found.found) == ("note", True)


def test_an_adopted_key_goes_through_its_states(account: Account) -> None:
    kms = account.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    adopting = account.configured(key={"adopt": arn})
    findings = {each.check: each for each in account.look(adopting)}
    assert findings["adopted-key-policy"].status == "note"
    assert "in this order: deploy" in str(findings["adopted-key-policy"].fix)
    iam = account.client("iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    policy["Statement"] += key_user_statements(f"arn:aws:iam::{ACCOUNT}:role/{ROLE}")
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(policy))
    findings = {each.check: each for each in account.look(adopting)}
    assert findings["adopted-key-policy"].status == "ok"
    iam.delete_role(RoleName=ROLE)
    kms.disable_key(KeyId=arn)
    assert set(account.blocked(adopting)) == {"adopted-key-state"}
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert "PendingDeletion" in account.blocked(adopting)["adopted-key-state"]
    gone = arn.replace(arn[-4:], "0000")
    assert set(account.blocked(account.configured(key={"adopt": gone}))) == {"adopted-key-exists"}


def test_a_vpc_whose_dns_is_off_stands_in_the_way(account: Account, undo: list[Undo]) -> None:
    ec2 = account.client("ec2")
    ec2.modify_vpc_attribute(VpcId=account.vpc, EnableDnsHostnames={"Value": False})
    undo.append(lambda: ec2.modify_vpc_attribute(VpcId=account.vpc, EnableDnsHostnames={"Value": True}))
    assert account.blocked() == {"vpc-names": f"of {account.vpc} DNS hostnames are off"}


def test_subnets_of_another_vpc_or_of_one_zone_stand_in_the_way(account: Account) -> None:
    other = account.make_subnet(7, "b", vpc=account.client_vpc, network="10.1")
    moved = account.configured(vpc={"id": account.vpc, "subnet_ids": [account.subnets[0], other]})
    assert account.blocked(moved)["subnets"] == f"{other} is in {account.client_vpc}, not in {account.vpc}"
    twin = account.make_subnet(8, "a")
    both = account.configured(vpc={"id": account.vpc, "subnet_ids": [account.subnets[0], twin]})
    assert account.blocked(both)["subnets"].endswith("are in one zone, use1-az1")


def test_a_vpc_of_another_region_is_not_there(account: Account) -> None:
    there = account.aws.session(region="us-west-2").client("ec2")
    vpc = there.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    wrong = account.configured(vpc={"id": vpc, "subnet_ids": account.subnets})
    assert f"there is no {vpc}" in account.blocked(wrong)["vpc-exists"]


def test_another_endpoint_that_answers_to_the_names_stands_in_the_way(account: Account, undo: list[Undo]) -> None:
    ec2 = account.client("ec2")
    endpoint = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=account.vpc,
        SubnetIds=account.subnets,
        SecurityGroupIds=[account.group],
        ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54",
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    undo.append(lambda: ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint]))
    blocked = account.blocked()
    assert blocked.pop("endpoint-conflict") == (
        f"{endpoint} in {account.vpc} leads to Pinecone already, and answers to its private names"
    )
    # The zone that AWS manages for that endpoint.
    (conflict,) = blocked.values()
    assert list(blocked) == ["hosted-zone-conflict"]
    assert f", of vpce.amazonaws.com) answers in {account.vpc} already" in conflict


def test_another_hosted_zone_of_the_name_stands_in_the_way(account: Account, undo: list[Undo]) -> None:
    route53 = account.client("route53")
    made = route53.create_hosted_zone(
        Name="private.aped-4627-b74a.pinecone.io",
        CallerReference="other",
        VPC={"VPCId": account.client_vpc, "VPCRegion": "us-east-1"},
    )["HostedZone"]["Id"]
    undo.append(lambda: route53.delete_hosted_zone(Id=made))
    assert f"answers in {account.client_vpc} already" in account.blocked()["hosted-zone-conflict"]


def test_a_group_of_a_peered_vpc_will_do_and_another_stands_in_the_way(account: Account, undo: list[Undo]) -> None:
    ec2 = account.client("ec2")
    group = ec2.create_security_group(GroupName="far", Description="far", VpcId=account.client_vpc)["GroupId"]
    far = account.configured(clients={"cidrs": ["10.0.0.0/16"], "security_group_ids": [group]})
    assert "is not peered with" in account.blocked(far)["client-groups"]
    peering = ec2.create_vpc_peering_connection(VpcId=account.client_vpc, PeerVpcId=account.vpc)
    peering_id = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    undo.append(lambda: ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering_id))
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
    assert account.blocked(far) == {}


def test_a_zone_in_which_the_service_is_not_offered_stands_in_the_way(account: Account) -> None:
    odd = account.configured(
        vpc={"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1f"]},
        client_vpc_ids=[],
        clients={"cidrs": ["10.2.0.0/16"]},
        dns="endpoint",
    )
    assert account.blocked(odd) == {"endpoint-service-zones": "there is no zone us-east-1f in this account"}


def test_nothing_was_made_by_looking(account: Account) -> None:
    """The dry run above all."""
    account.look()
    assert account.client("ec2").describe_vpc_endpoints()["VpcEndpoints"] == []
