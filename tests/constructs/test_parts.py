"""The parts in an application of somebody else's, without a configuration file, cdk.json or the command line."""

import subprocess
import sys
from pathlib import Path

import pinekeep.constructs
from tests.stacks.support import ACCOUNT, PINECONE, PROJECT, REGION, read_assembly

APPLICATION = f"""
import sys
from aws_cdk import App, Environment, Stack
from pinekeep.constructs import EncryptionKey, InterfaceEndpoint, IsolatedVpc, PineconeRole, PrivateZone

# The templates of each part are validated elsewhere; that starts a second machine in Node, for seconds.
app = App(outdir=sys.argv[1], builtin_cloud_formation_validation=False)
stack = Stack(app, "Theirs", env=Environment(account="{ACCOUNT}", region="{REGION}"))
role = PineconeRole(stack, "Role", pinecone_account="{PINECONE}", regions=["{REGION}"], external_id=None)
EncryptionKey(stack, "Key", key_user=role.role_arn, alias="alias/theirs")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/16", availability_zones=["{REGION}a", "{REGION}b"])
endpoint = InterfaceEndpoint(
    stack,
    "Endpoint",
    region="{REGION}",
    vpc_id=vpc.vpc_id,
    subnet_ids=vpc.subnet_ids,
    client_cidrs=["10.20.0.0/16"],
    private_dns=False,
)
PrivateZone(
    stack,
    "Zone",
    region="{REGION}",
    vpc_ids=[vpc.vpc_id],
    endpoint_dns_name=endpoint.dns_name,
    endpoint_hosted_zone_id=endpoint.hosted_zone_id,
)
app.synth()
unwanted = ("pinekeep.model.config", "pinekeep.cli.commands", "pydantic", "click", "yaml")
print([name for name in unwanted if name in sys.modules])
"""


def test_all_of_them_together_make_a_template_and_need_neither_configuration_nor_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", APPLICATION, str(tmp_path / "out")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]", "a part pulls in what only the command and its configuration need"
    made = read_assembly(tmp_path / "out")["Theirs"]
    (role,) = (name for name in made.of_type("AWS::IAM::Role") if name.startswith("Role"))
    users = [
        statement["Principal"]["AWS"]
        for statement in made.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if statement["Sid"] != "EnableIamUserPermissions"
    ]
    assert users == [{"Fn::GetAtt": [role, "Arn"]}] * 2
    (vpc,) = made.of_type("AWS::EC2::VPC")
    assert made.only("AWS::Route53::HostedZone")["VPCs"] == [{"VPCId": {"Ref": vpc}, "VPCRegion": REGION}]


def test_every_part_is_offered_by_name() -> None:
    shared = {"acknowledgments", "egress", "props", "topics"}
    files = {path.stem for path in (PROJECT / "pinekeep" / "constructs").glob("[!_]*.py")} - shared
    offered = {getattr(pinekeep.constructs, name).__module__.rpartition(".")[2] for name in pinekeep.constructs.__all__}
    assert offered == files
