"""Every fix that `verify` prints as a command: it is run as it is printed, and then the check passes."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ShapeResolver, StructureShape

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.operations.verification.verify import CHECKS
from tests.command_support import Run
from tests.faults.fault import Fault
from tests.remedies import breakages as broken
from tests.remedies.breakages import NAME, Break, World
from tests.remedies.printed import commands, of_shape, run_aws

pytestmark = pytest.mark.e2e

TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": broken.ROOT}, "Action": "sts:AssumeRole"}]})
BOUNDARY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
FILE = """\
version: 1
pinecone_account: "740000000001"
deployments:
  search-prod:
    account: "111122223333"
    region: us-east-1
    tags: {team: search}
    permissions_boundary: arn:aws:iam::111122223333:policy/Boundary
    cmek:
      trust:
        regions: [us-east-1]
        external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13
      key: {administrators: ["arn:aws:iam::111122223333:role/KeyAdministrators"], multi_region: true}
    private_link:
      vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}
      clients: {cidrs: [10.20.0.0/16]}
      dns: hosted-zone
"""

Row = tuple[str, Break]

# By what is broken together: the check that fails, and what was done. One line a row. A row alone is one that would
# stand in the way of others; the rest share a deployment, which takes seconds.
TOGETHER: dict[str, tuple[Row, ...]] = {
    "role changed by hand": (
        ("cmek-stack-drift", broken.role_described_otherwise),
        ("role-permissions-boundary", broken.boundary_removed),
        ("trust-policy-statement", broken.trusts_another_statement),
        ("trust-policy-conditions", broken.trusts_on_a_condition),
        ("trust-policy-external-id", broken.another_external_id),
    ),
    # Where no statement is about Pinecone any more, its conditions are not checked: so not together with those above.
    "who may use the key changed by hand": (
        ("trust-policy-principals", broken.trusts_another_principal),
        ("handed-over-external-id", broken.trusts_another_principal),
        ("handed-over-access", broken.users_forgotten),
        ("key-policy-administrators", broken.administrators_changed),
        ("key-policy-nothing-wider", broken.key_policy_wider),
        ("decisions-as-planned", broken.stranger_may_decrypt),
        ("key-policy-root", broken.root_narrowed),
    ),
    "role left out of the key policy": (("key-policy-users", broken.users_forgotten),),
    "endpoint and network changed by hand": (
        # First these two: the zone cannot come back before the private DNS goes, and what mends the drift associates
        # the VPC, too.
        ("endpoint-private-dns", broken.private_dns_in_place_of_the_zone),
        ("hosted-zone-vpcs", lambda _: None),
        ("private-link-stack-drift", broken.group_tag_removed),
        ("endpoint-place", broken.endpoint_loses_a_subnet),
        ("endpoint-security-group", broken.another_group),
        ("endpoint-clients", broken.open_to_all),
        ("endpoint-egress", broken.egress_open),
        ("vpc-dns", broken.vpc_dns_off),
        ("hosted-zone-record", broken.record_deleted),
    ),
    "everything deleted by hand": (
        ("key-alias", broken.alias_deleted),  # first: what mends the others mends it too
        ("role-exists", broken.role_deleted),
        ("endpoint-exists", broken.endpoint_deleted),
        ("hosted-zone", broken.zone_deleted),
    ),
    "what the stacks do not hold": (
        ("cmek-stack-protection", broken.protection_off),
        ("role-inline-policies", broken.inline_policy),
        ("role-attached-policies", broken.managed_policy),
        ("key-rotation", broken.rotation_off),
        ("key-alias", broken.alias_of_another_key),
        ("key-grants", broken.stranger_holds_a_grant),
        ("endpoint-rivals", broken.rivals_answer),
    ),
    "stack policy": (("cmek-stack-policy", broken.stack_policy_lax),),
    "cut off": (("role-cut-off", broken.cut_off),),
    "key disabled": (("key-state", broken.key_disabled),),
    "key waits for its deletion": (("key-state", broken.key_waits_for_deletion),),
    "role made anew": (
        ("key-policy-users", broken.role_made_anew),
        ("handed-over-access", lambda _: None),
    ),
    "role under a path": (("role-exists", broken.role_under_a_path),),
    "endpoint made anew": (("handed-over-endpoint", broken.endpoint_made_anew),),
    "stack of role and key deleted": (("cmek-stack-state", broken.cmek_stack_deleted),),
    "stack of the endpoint deleted": (("private-link-stack-state", broken.link_stack_deleted),),
}

NOTED: tuple[Row, ...] = (
    ("role-settings", broken.role_described_otherwise),
    ("role-settings", broken.longer_sessions),
    ("role-settings", broken.role_tags_changed),
    ("endpoint-settings", broken.endpoint_tag_changed),
    ("vpc-resolver-rules", broken.names_sent_elsewhere),
)
"""The same for what fails nothing and is told with a command all the same; each breakage makes one note."""

REPLICA: tuple[Row, ...] = (("key-replicas", broken.replica_open_to_a_stranger),)
"""Tried last: a replica stays."""

NO_COMMAND: dict[str, str] = {
    "handed-over-record": "the record is written by hand or with the handover; nothing brings an unreadable one back",
    "handed-over-role": "the other checks of the role say what to do",
    "handed-over-key": "a key that is gone cannot be brought back",
    "handed-over-file": "the file is changed back by hand; the command that it prints shows to what",
    "cmek-stack-outputs": "the file was changed since: change it back",
    "private-link-stack-outputs": "the file was changed since: change it back",
    "key-exists": "a key that is gone cannot be brought back",
    "key-kind": "nothing of it can be changed in a key",
    "key-place": "the file names a key of another place",
    "adopted-key-policy-users": "the policy of an adopted key is its owner's",
    "adopted-key-policy-nothing-wider": "the policy of an adopted key is its owner's",
    "customer-keys-key-policies": "it never fails",
    "key-activity": "Pinecone's use of the key is not ours to mend",
    "key-last-usage": "it never fails",
    "storage-stack-state": "the stack makes it; what mends private-link-stack-state mends it, too",
    "storage-stack-protection": "its command is that of cmek-stack-protection, with another stack",
    "monitoring-stack-state": "the stack makes it; what mends private-link-stack-state mends it, too",
    "monitoring-rules": "the stack makes them; what mends the drift of a stack mends them, too",
    "monitoring-global-rules": "the stack makes them; what mends the drift of a stack mends them, too",
    "monitoring-trail": "a trail is the account's, and the embedded AWS has none",
    "monitoring-topic-policy": "the stack makes it; what mends the drift of a stack mends it, too",
    "monitoring-topic-key": "the command for a disabled key is that of key-state",
    "monitoring-subscriptions": "somebody has to open the link in a message",
    "monitoring-slack": "a Slack workspace is authorized in a console",
    "monitoring-alarms": "the stack makes them; what mends the drift of a stack mends them, too",
    "monitoring-metric-filters": "the stack makes them; a log group is the account's",
    "endpoint-network-acl": "which rules a network ACL has besides is for its owner to say; the command shows them",
    "vpc-dns-servers": "it never fails; whether other DNS servers forward the names is for their owner to say",
    "endpoint-state": "the embedded AWS makes no endpoint fail; the way back is that of endpoint-exists",
    "endpoint-own-groups": "which networks are let in is for the group's owner to say; the command shows the form",
    "bridge-zone": "the stack makes it; what mends the drift of hosted-zone mends it, too",
    "profile-zone": "the stack makes it; what mends the drift of hosted-zone mends it, too",
    "profile-vpcs": "the stack makes it; what mends the drift of hosted-zone mends it, too",
    "client-vpcs": "other accounts' VPCs; tests of `private-link associate` carry it out",
    "resolver-state": "the stack makes it; what mends the drift of hosted-zone mends it, too",
    "resolver-addresses": "the stack makes it; what mends the drift of hosted-zone mends it, too",
    "resolver-security-group": "the stack makes it; what mends the drift of endpoint-clients mends it, too",
    "endpoint-addresses": "the subnets' IPv6 networks are their owner's",
    **dict.fromkeys(
        ("audit-bucket", "audit-bucket-lock", "audit-bucket-encryption", "audit-bucket-policy", "storage-role"),
        "the stack makes it; what mends the drift of key-policy-administrators mends it, too",
    ),
    "audit-bucket-public-access": "as for audit-bucket; the command is for a bucket of the customer's, and never fails",
    "audit-files": "whether audit logs are active is set in Pinecone's console",
    "audit-test-object": "it never fails",
    "endpoint-service": "the embedded AWS changes no endpoint's service; the way back is that of endpoint-exists",
}
"""Checks without a row, and why."""
ELSEWHERE: dict[str, str] = {
    "customer-keys-policies": "tests/operations/verification/test_verify_embedded.py has customers",
}
"""Checks whose command is tried somewhere else."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("remedies")
    (path / "pinekeep.yaml").write_text(FILE)
    return path


@pytest.fixture
def world(place: Path, aws: EmbeddedAws, pinekeep: Run, monkeypatch: pytest.MonkeyPatch) -> World:
    """The deployment as it is to be, handed over."""
    monkeypatch.chdir(place)
    session = aws.session()
    if not (place / "deployed").exists():
        session.client("iam").create_role(RoleName="KeyAdministrators", AssumeRolePolicyDocument=TRUST)
        session.client("iam").create_policy(PolicyName="Boundary", PolicyDocument=BOUNDARY)
        made = World(session, pinekeep)
        made.run("deploy", "--yes")
        made.run("handoff", "--record")
        (place / "deployed").touch()
    return World(session, pinekeep)


def verified(world: World) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = world.pinekeep("verify", "--json", "--drift").json["findings"]
    return findings


def failing(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["check"]: each for each in findings if each["status"] == "failed"}


def carry_out(world: World, aws: EmbeddedAws, argv: list[str]) -> None:
    """Run a command as it was printed. A `pinekeep` that changes something asks, and somebody says yes."""
    if argv[0] == "aws":
        run_aws(aws.session(), argv[1:])
        return
    asking = ["--yes"] if argv[1] in ("deploy", "restore", "recover", "destroy") else []
    result = world.pinekeep(*argv[1:], *asking)
    assert result.code in (0, 1), (argv, result.err)  # another row's remedy may still be to come


@pytest.mark.parametrize("rows", TOGETHER.values(), ids=TOGETHER.keys())
def test_the_fix_that_is_printed_mends_it(world: World, aws: EmbeddedAws, rows: tuple[Row, ...]) -> None:
    break_and_mend(world, aws, rows)


def break_and_mend(world: World, aws: EmbeddedAws, rows: tuple[Row, ...]) -> None:
    """Break what rows say, see each check fail, run what they print, and see everything pass."""
    for _, breakage in rows:
        breakage(world)
    failed = failing(verified(world))
    assert {check for check, _ in rows} <= failed.keys()
    printed: list[list[str]] = []
    for check, _ in rows:
        found = list(commands(failed[check]["fix"]))
        assert found, (check, failed[check]["fix"])
        printed += [each for each in found if each not in printed]
    for argv in printed:
        carry_out(world, aws, argv)
    after = verified(world)
    assert {check for check, _ in rows} <= {each["check"] for each in after}
    left = failing(after)
    assert not {check for check, _ in rows} & left.keys(), (printed, left)
    if left.keys() == {"handed-over-endpoint"}:  # another endpoint was made, and is registered now
        world.run("handoff", "--record", "--endpoint-registered-anew")
        left.clear()
    assert left == {}, printed


def test_the_command_that_a_note_prints_mends_it(world: World, aws: EmbeddedAws) -> None:
    for _, breakage in NOTED:
        breakage(world)
    checks = [check for check, _ in NOTED]
    noted = [each for each in verified(world) if each["check"] in checks]
    assert [(each["check"], each["status"]) for each in noted] == [(check, "note") for check in checks]
    for each in noted:
        (argv,) = commands(each["fix"])
        carry_out(world, aws, argv)
    after = verified(world)
    assert {each["check"]: each["status"] for each in after if each["check"] in checks} == dict.fromkeys(checks, "ok")
    assert failing(after) == {}


@pytest.mark.fault(
    "the role was deleted by hand",
    sees="not as the template says: …there is no such role…pinekeep deploy --revert-drift --deployment search-prod…"
    "nothing was changed, and …of what it promises still fail",
    safe="The key is as it was; the deployment ends with exit code 1, and the way back makes the same role again.",
)
def test_a_deployment_that_finds_something_gone_does_not_pass(fault: Fault, world: World) -> None:
    broken.role_deleted(world)
    plain = world.pinekeep("deploy", "--yes")
    assert plain.code == 1
    fault.require_seen(plain.err)
    assert "nothing had to be changed" not in plain.err
    back = world.pinekeep("deploy", "--revert-drift", "--yes", "--json")
    assert back.code == 0, back.err
    assert back.require_schema("deploy")["failing"] == []
    assert "was deleted, and is created again" in back.err


@pytest.mark.fault(
    "drift is to be reverted while the key waits for its deletion",
    sees="is gone or pending deletion; another would be created in its place…it can be cancelled",
    safe="No second key is made, and the first can still be brought back.",
)
def test_no_second_key_is_made_for_one_that_waits_for_its_deletion(fault: Fault, world: World) -> None:
    kms, key = world.client("kms"), world.key
    broken.key_waits_for_deletion(world)
    before = kms.list_keys()["Keys"]
    refused = world.pinekeep("deploy", "--revert-drift", "--yes")
    assert refused.code == 1
    fault.require_seen(refused.err)
    assert kms.list_keys()["Keys"] == before
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)


def test_the_policy_that_is_copied_to_a_replica_mends_it(world: World, aws: EmbeddedAws) -> None:
    break_and_mend(world, aws, REPLICA)
    kms = aws.session().client("kms", region_name="us-west-2")
    kms.schedule_key_deletion(KeyId=world.key.rpartition("/")[2], PendingWindowInDays=7)


def test_every_check_has_a_row_or_a_reason() -> None:
    rows = {check for each in (*TOGETHER.values(), NOTED, REPLICA) for check, _ in each}
    assert rows | NO_COMMAND.keys() | ELSEWHERE.keys() == {each.id for each in CHECKS}
    assert not rows & (NO_COMMAND.keys() | ELSEWHERE.keys())


@pytest.mark.parametrize(
    ("fix", "argv"),
    [
        (
            "mend it: pinekeep deploy --revert-drift --deployment a",
            [["pinekeep", "deploy", "--revert-drift", "--deployment", "a"]],
        ),
        (
            "pinekeep deploy --deployment a sets it; see aws cloudformation get-stack-policy --stack-name b",
            [["pinekeep", "deploy", "--deployment", "a"]],
        ),
        (
            "delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids v --region r), then see `pinekeep plan`",
            [["aws", "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", "v", "--region", "r"]],
        ),
        (
            "aws kms cancel-key-deletion --key-id k, then aws kms enable-key --key-id k",
            [["aws", "kms", "cancel-key-deletion", "--key-id", "k"], ["aws", "kms", "enable-key", "--key-id", "k"]],
        ),
        (
            "Pinecone's: aws iam tag-role --role-name r --tags 'Key=a,Value=b c' 'Key=d,Value=e (f)'; see the role's",
            [["aws", "iam", "tag-role", "--role-name", "r", "--tags", "Key=a,Value=b c", "Key=d,Value=e (f)"]],
        ),
        (
            "copy it: aws kms get-key-policy --key-id k --query Policy > p.json && aws kms enable-key --key-id k",
            [
                ["aws", "kms", "get-key-policy", "--key-id", "k", "--query", "Policy", ">", "p.json"],
                ["aws", "kms", "enable-key", "--key-id", "k"],
            ],
        ),
    ],
)
def test_commands_are_found_in_a_sentence(fix: str, argv: list[list[str]]) -> None:
    assert list(commands(fix)) == argv


SHAPES: Any = {"Text": {"type": "string"}, "Number": {"type": "integer"}, "On": {"type": "boolean"}}
ENTRY = StructureShape(
    "Entry",
    {
        "type": "structure",
        "members": {"Key": {"shape": "Text"}, "Number": {"shape": "Number"}, "On": {"shape": "On"}},
    },
    ShapeResolver(SHAPES),
)


def test_a_value_is_read_as_aws_command_line_reads_it() -> None:
    assert of_shape(ENTRY, "Key=a=b,Number=2,On=false") == {"Key": "a=b", "Number": 2, "On": False}
    assert of_shape(ENTRY, '{"Key": "a,b"}') == {"Key": "a,b"}


@pytest.mark.parametrize("text", ["Key", "Other=a", "Key=a,b", "On=maybe"])
def test_a_value_that_aws_command_line_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        of_shape(ENTRY, text)


def test_the_deployment_is_the_one_that_the_breakages_are_about() -> None:
    assert f"  {NAME}:" in FILE
