"""A deployment on the embedded AWS whose endpoint lives through everything, and a user who follows what is printed.

It runs the command in this process. Templates that were made once are copied, and the look before the plan is left out
where the stack of the key is there: what is decided and executed is the same.
"""

import io
import json
import re
import shutil
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.cli.root import run
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config import Deployment
from pinekeep.model.naming import cmek_stack
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.synthesis import assembly as assemblies
from tests.command_support import Result, named

_COMMAND = re.compile(
    r"pinekeep (?P<verb>deploy|destroy|recover|handoff)(?P<options>(?: --[a-z-]+(?: (?!-)[a-z0-9-]+)?)*)"
)
_GENERATION = re.compile(r"write generation: (?P<number>\d+)")
_ASKS = ("deploy", "destroy", "recover")
STEPS_MAX = 10


@contextmanager
def fast(aws: EmbeddedAws, scratch: Path) -> Generator[None]:
    """Make templates once, and change sets without the CDK command line."""
    made: dict[str, Path] = {}

    def synthesize(configuration: Any, deployments: Mapping[str, Deployment], *, folder: Path, **_: Any) -> list[str]:
        key = json.dumps({name: each.model_dump() for name, each in deployments.items()}, default=str)
        if key not in made:
            path = scratch / str(len(made))
            assemblies.synthesize(configuration, deployments, folder=path)
            made[key] = path
        shutil.copytree(made[key], folder, dirs_exist_ok=True)
        return [each.name for each in folder.glob("*.template.json")]

    look = Deployer.look_first

    def look_first(deployer: Deployer) -> None:
        # It finds the key that a deleted stack has left; where the stack is there it takes seconds for nothing.
        there = {each["StackName"] for each in stacks_of(aws)}
        if not {cmek_stack(name) for name in deployer._deployments} <= there:
            look(deployer)

    clients = cache(lambda region: Clients(aws.session(), region))
    access = Access.of(
        Source(environment=aws.environment, clients_for=clients, clients_as=lambda region, _: clients(region))
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Access, "of_the_user", lambda _: access)
        patched.setattr(Deployer, "look_first", look_first)
        patched.setattr("pinekeep.operations.plan.planning.assemble", synthesize)
        patched.setattr("pinekeep.operations.recovery.recovery.synthesize", synthesize)
        patched.setattr("pinekeep.operations.plan.cloudformation.FIRST_PAUSE", 0.02)
        yield


@cache
def clients_of(aws: EmbeddedAws) -> Clients:
    """Return clients of the embedded AWS, made once: that takes longer than most calls."""
    return Clients(aws.session(), aws.region)


def client_of(aws: EmbeddedAws, service: str) -> Any:
    """Return a client of the embedded AWS."""
    return clients_of(aws).client(service)


def stacks_of(aws: EmbeddedAws) -> list[dict[str, Any]]:
    """Return the stacks that there are."""
    found: list[dict[str, Any]] = client_of(aws, "cloudformation").describe_stacks()["Stacks"]
    return [each for each in found if each["StackStatus"] != "DELETE_COMPLETE"]


@dataclass
class Life:
    """One deployment, with its file.

    Attributes:
        aws: the embedded AWS.
        name: the deployment's name.
        file: its file.
        generation: the file's ``generation``.
        standby: the file's ``standby``.
        in_file: whether the file has ``private_link``.
        said: the commands that were run, with their exit codes.
    """

    aws: EmbeddedAws
    name: str
    file: Path
    generation: int = 1
    standby: int | None = None
    in_file: bool = True
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.write()

    @property
    def link_stack(self) -> str:
        return f"Pinekeep-{self.name}-PrivateLink"

    @property
    def cmek_stack(self) -> str:
        return f"Pinekeep-{self.name}-Cmek"

    # --- What a user does ---

    def write(self, **changes: Any) -> None:
        """Write the file, with something changed in it."""
        for setting, value in changes.items():
            setattr(self, setting, value)
        text = named(self.name)
        text += f"      dns: endpoint\n      generation: {self.generation}\n"
        text += f"      standby: {self.standby}\n" if self.standby else ""
        self.file.write_text(text if self.in_file else text[: text.index("    private_link:")])
        self.said.append(f"file: {self.generation}, {self.standby}, {self.in_file}")

    def pinekeep(self, *arguments: str) -> Result:
        """Run the command."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*arguments, "--config", str(self.file)])
        found = Result(code, out.getvalue(), err.getvalue())
        self.said.append(f"{' '.join(arguments)}: {code}")
        assert "Traceback" not in found.out + found.err, found
        assert code in (0, 1, 2, 3), (arguments, found)
        return found

    def delete_endpoint(self, endpoint: str) -> None:
        """Delete an endpoint by hand."""
        client_of(self.aws, "ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        self.said.append(f"deleted {endpoint} by hand")

    def delete_stack(self, stack: str) -> None:
        """Delete a stack by hand."""
        client = client_of(self.aws, "cloudformation")
        if stack in {each["StackName"] for each in stacks_of(self.aws)}:
            client.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
            client.delete_stack(StackName=stack)
            while stack in {each["StackName"] for each in stacks_of(self.aws)}:
                time.sleep(0.05)
        self.said.append(f"deleted {stack} by hand")

    def keep_out_of_stack(self, endpoint: str) -> None:
        """Have the stack give up its first endpoint without deleting it, as with a retained resource; DNS moves."""
        client, ec2 = client_of(self.aws, "cloudformation"), client_of(self.aws, "ec2")
        template: Any = client.get_template(StackName=self.link_stack)["TemplateBody"]
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
        template["Resources"]["Endpoint"]["DeletionPolicy"] = "Retain"
        self._update(template)
        self.write(generation=2, standby=None)
        del template["Resources"]["Endpoint"]
        outputs = json.dumps(template["Outputs"]).replace('"Endpoint"', '"Endpoint2"')
        template["Outputs"] = json.loads(outputs)
        template["Resources"]["Endpoint2"]["Properties"]["PrivateDnsEnabled"] = True
        self._update(template)

    def _update(self, template: Mapping[str, Any]) -> None:
        client = client_of(self.aws, "cloudformation")
        client.update_stack(
            StackName=self.link_stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        client.get_waiter("stack_update_complete").wait(
            StackName=self.link_stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
        )

    # --- What is so ---

    def outputs(self, stack: str) -> dict[str, str]:
        """Return what a stack puts out; nothing where it is not there."""
        found = next((each for each in stacks_of(self.aws) if each["StackName"] == stack), dict[str, Any]())
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs") or []}

    def endpoints(self) -> list[str]:
        """Return the endpoints that are live."""
        tags = [{"Name": "tag:pinekeep:deployment", "Values": [self.name]}]
        found = client_of(self.aws, "ec2").describe_vpc_endpoints(Filters=tags)["VpcEndpoints"]
        return [each["VpcEndpointId"] for each in found if each["State"] == "available"]

    def private_dns(self) -> list[str]:
        """Return the endpoints that answer for Pinecone's private names."""
        found = client_of(self.aws, "ec2").describe_vpc_endpoints(VpcEndpointIds=self.endpoints())["VpcEndpoints"]
        return [each["VpcEndpointId"] for each in found if each["PrivateDnsEnabled"]]

    def record(self) -> dict[str, Any]:
        """Return the record of the handover; empty where there is none."""
        ssm = client_of(self.aws, "ssm")
        found = ssm.get_parameters(Names=[f"/pinekeep/{self.name}/handed-over"])["Parameters"]
        return json.loads(found[0]["Value"]) if found else {}

    def key_and_role(self) -> tuple[list[str], str]:
        """Return the keys and the role of the deployment, as they are live."""
        kms, iam = client_of(self.aws, "kms"), client_of(self.aws, "iam")
        keys = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
        role = iam.get_role(RoleName=f"pinekeep-{self.name}-us-east-1")["Role"]["Arn"]
        return [each["Arn"] for each in keys if f"the project of {self.name} " in each["Description"]], role

    # --- The way forward ---

    def follow_advice(self) -> None:
        """Do what ``deploy`` and ``verify`` print until the endpoint is registered, and everything passes.

        Raises:
            AssertionError: there is no end of it.
        """
        self.write(in_file=True)
        for _ in range(STEPS_MAX):
            if not self.deployed():
                continue
            verified = self.pinekeep("verify", "--json")
            wrong = [each for each in verified.json["findings"] if each["status"] == "failed"]
            unregistered = [each for each in verified.json["findings"] if "recorded as registered" in each["found"]]
            if not wrong and not unregistered and self.record().get("endpoint_id"):
                assert verified.code == 0
                return
            # Nothing of the handover is noted in the beginning, so it is first recorded as the note says.
            fix = next((each["fix"] for each in (*wrong, *unregistered)), "pinekeep handoff --record")
            self.follow(fix)
        raise AssertionError(f"no way out: {self.said}")

    def deployed(self) -> bool:
        """Deploy; where that is refused, do what the refusal says."""
        result = self.pinekeep("deploy", "--yes", "--accept-breaking", self.name, "--json")
        if result.code == 0:
            return True
        refusal = json.loads(result.out or "{}")
        unlike = refusal.get("failing")
        hint = str(unlike[0]["fix"] if unlike else refusal.get("hint"))
        if "another number under `standby`" in hint:
            self.replace()
        elif "while it is the `standby`" in hint:
            self.swap_in()
        else:
            self.follow(hint)
        return False

    def follow(self, advice: str) -> None:
        """Do what a fix or a hint says, in its order."""
        done: list[str] = []
        if found := _GENERATION.search(advice):
            self.write(generation=int(found["number"]), standby=None)
            done.append("file")
        for each in _COMMAND.finditer(advice):
            arguments = [each["verb"], *each["options"].split()]
            if each["verb"] in _ASKS:
                arguments.append("--yes")
            done.append(each["verb"])
            if code := self.pinekeep(*arguments).code:
                assert code != 2, f"this cannot be pasted: {each[0]}"
                return
        assert done, f"nothing to do in: {advice}"

    def replace(self) -> None:
        """Replace the endpoint as docs/endpoint.md says. The file has the new generation already."""
        old = self.serving_generation()
        new = self.generation if self.generation != old else old + 1
        self.write(generation=old, standby=new)
        self.require("deploy", "--yes")
        self.require("handoff", "--record")
        self.write(generation=new, standby=old)
        self.require("deploy", "--yes")
        self.require("handoff", "--record")
        self.write(generation=new, standby=None)

    def swap_in(self) -> None:
        """Register an endpoint before it serves clients."""
        old, new = self.serving_generation(), self.generation
        self.write(generation=old, standby=new)
        self.require("deploy", "--yes")
        self.require("handoff", "--record")
        self.write(generation=new, standby=old)

    def require(self, *arguments: str) -> None:
        """Run the command, which must succeed."""
        result = self.pinekeep(*arguments)
        assert result.code == 0, (arguments, result, self.said)

    def serving_generation(self) -> int:
        """Return the generation of the endpoint that serves clients, by the stack's own template."""
        template: Any = client_of(self.aws, "cloudformation").get_template(StackName=self.link_stack)
        logical = template["TemplateBody"]["Outputs"]["VpcEndpointId"]["Value"]["Ref"]
        return int(logical.removeprefix("Endpoint") or 1)


Made = Callable[[], Life]
