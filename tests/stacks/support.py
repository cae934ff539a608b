"""Making deployments and reading the templates that come of them."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from pinekeep.model.config import Deployment, load
from pinekeep.model.config.derived import stacks_of
from stacks.build import add_stacks, new_app

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((PROJECT / "examples").glob("*.yaml"))

ACCOUNT = "111122223333"
PINECONE = "740000000001"
REGION = "us-east-1"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
NAME = "search-prod"

VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
EXISTING_VPC = {"id": VPC, "subnet_ids": SUBNETS}
NEW_VPC = {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}

APP = (
    sys.executable,
    "-c",
    "import functools, runpy, stacks.build as build\n"
    "build.new_app = functools.partial(build.new_app, validate=False)\n"
    f"runpy.run_path({str(PROJECT / 'app.py')!r}, run_name='__main__')",
)
"""Runs app.py without the CDK's own validation of templates, which takes longer than everything else."""

_SCRATCH = TemporaryDirectory(prefix="pinekeep-tests-")
"""Where cloud assemblies go that nobody reads again; gone when the tests end."""


def scratch() -> Path:
    """Return a new folder for a cloud assembly."""
    return Path(mkdtemp(dir=_SCRATCH.name))


@dataclass(frozen=True)
class Made:
    """A template, asked by resource type."""

    template: dict[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        return dict(self.template["Resources"])

    @property
    def types(self) -> list[str]:
        return sorted({resource["Type"] for resource in self.resources.values()})

    def of_type(self, kind: str) -> dict[str, Any]:
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def only(self, kind: str) -> dict[str, Any]:
        """Return the properties of the only resource of a type."""
        found = self.of_type(kind)
        assert len(found) == 1, f"wanted one {kind}, found {list(found)}"
        return dict(next(iter(found.values()))["Properties"])

    @property
    def outputs(self) -> dict[str, Any]:
        return {name: output["Value"] for name, output in self.template.get("Outputs", {}).items()}


def cmek(
    *, trust: Mapping[str, Any] | None = None, key: Mapping[str, Any] | None = None, **others: Any
) -> dict[str, Any]:
    """Return the settings of a key, with what is left out filled in."""
    return {
        "trust": {"regions": [REGION], "external_id": EXTERNAL_ID, **(trust or {})},
        "key": dict(key or {}),
        **others,
    }


def private_link(**others: Any) -> dict[str, Any]:
    """Return the settings of an endpoint, with what is left out filled in."""
    return {"vpc": EXISTING_VPC, "clients": {"cidrs": ["10.0.0.0/16"]}, **others}


def deployment(**settings: Any) -> Deployment:
    """Return a deployment, with what is left out filled in."""
    return Deployment.model_validate({"account": ACCOUNT, "region": REGION, **settings})


def make(deployments: Mapping[str, Deployment], *, folder: Path | None = None) -> dict[str, Made]:
    """Synthesize deployments as the product does, and return the templates by stack name."""
    app = new_app(outdir=str(folder or scratch()))
    add_stacks(app, deployments, pinecone_account=PINECONE)
    return read_assembly(Path(app.synth().directory))


def make_cmek(**settings: Any) -> Made:
    """Return the template of the stack with the key."""
    return make({NAME: deployment(cmek=cmek(**settings))})[f"Pinekeep-{NAME}-Cmek"]


def make_private_link(**settings: Any) -> Made:
    """Return the template of the stack with the endpoint."""
    return make({NAME: deployment(private_link=private_link(**settings))})[f"Pinekeep-{NAME}-PrivateLink"]


def read_assembly(folder: Path) -> dict[str, Made]:
    """Return the templates of a cloud assembly by stack name."""
    suffix = ".template.json"
    return {
        path.name.removesuffix(suffix): Made(json.loads(path.read_text())) for path in sorted(folder.glob(f"*{suffix}"))
    }


def foreign_stack(region: str | None = REGION) -> Stack:
    """Return a stack of an application that knows nothing of Pinekeep: no cdk.json, no configuration file.

    Args:
        region: its Region; None leaves account and Region to the deployment, as tokens.
    """
    environment = Environment(account=ACCOUNT, region=region) if region else None
    return Stack(App(outdir=str(scratch())), "Foreign", env=environment)


def made_in(stack: Stack) -> Made:
    """Return the template of a stack of somebody's own application."""
    return Made(dict(Template.from_stack(stack).to_json()))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, to be compared byte for byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def new_scratch_app() -> App:
    """Return an empty app as the product makes it, whose cloud assembly nobody keeps."""
    return new_app(outdir=str(scratch()))


# --- The examples ---


def example_stacks() -> list[tuple[str, str]]:
    """Return the name of every example with each of its stacks."""
    return [
        (example.name, stack)
        for example in EXAMPLES
        for name, deployment in load(example).deployments.items()
        for stack in stacks_of(name, deployment)
    ]


def example_app(example: str) -> App:
    """Return the app of an example, before it is synthesized."""
    configuration = load(PROJECT / "examples" / example)
    app = new_scratch_app()
    add_stacks(
        app,
        configuration.deployments,
        pinecone_account=configuration.content.pinecone_account,
        customers=configuration.rosters.packings,
    )
    return app


@cache
def example_templates(example: str) -> dict[str, Made]:
    """Return the templates of an example by stack name. Synthesized once for all tests."""
    return read_assembly(Path(example_app(example).synth().directory))
