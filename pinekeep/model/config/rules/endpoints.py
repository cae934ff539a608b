"""Rules about the endpoints of several deployments."""

import ipaddress
from collections.abc import Iterator

from pinekeep.model.config.models import Deployment
from pinekeep.model.config.partial import UNKNOWN, known
from pinekeep.model.config.private_link import NewVpc
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.facts import pinecone
from pinekeep.model.words import did_you_mean, plain


def new_vpcs_do_not_overlap(here: Subject) -> Iterator[Problem]:
    """Networks that overlap cannot be peered, nor connected to one transit gateway."""
    if not isinstance(here.link.vpc, NewVpc):
        return
    own = ipaddress.IPv4Network(known(here.link.vpc.cidr))
    for name, other in here.file.deployments.items():
        if name == here.name:
            return  # the later of two is reported
        vpc = other.private_link.vpc if other is not UNKNOWN and other.private_link else None
        if not isinstance(vpc, NewVpc) or vpc.cidr is UNKNOWN:
            continue
        if own.overlaps(ipaddress.IPv4Network(vpc.cidr)):
            yield here.problem(
                "vpc-cidr-overlap",
                f"{own} overlaps with {vpc.cidr}, the new VPC of {plain(name)}; VPCs that overlap cannot be peered",
                "give each new VPC a network of its own",
                "private_link",
                "vpc",
                "cidr",
                warn=True,
            )
            return


def endpoints_of_a_project_are_not_too_many(here: Subject) -> Iterator[Problem]:
    """A Pinecone project has at most ten endpoints, over all deployments of the file."""
    most = pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT
    if here.deployment.private_link is None:
        return
    project, count = _project(here.name, here.deployment), 0
    for name, other in here.file.deployments.items():
        if other is UNKNOWN or other.private_link is None or other.private_link is UNKNOWN:
            continue
        if _project(name, other) == project:
            count += len(other.private_link.generations)
        if name == here.name:
            break
    if count > most and count - len(here.link.generations) <= most:
        yield here.problem(
            "endpoints-of-project",
            f"this is endpoint {count} of the Pinecone project of {plain(project)}; a project has at most {most}",
            "share one endpoint between VPCs with dns: hosted-zone or profile",
            "private_link",
        )


def _project(name: str, deployment: Deployment) -> str:
    return deployment.project_of or name


def project_is_of_a_deployment(here: Subject) -> Iterator[Problem]:
    """The deployment whose project is shared is one of the file, with a project of its own."""
    other = here.deployment.project_of
    if other is None:
        return
    owner = here.file.deployments.get(known(other))
    message = hint = ""
    if here.deployment.cmek is not None or here.deployment.pinecone is not None:
        message = "a deployment with cmek or pinecone has a Pinecone project of its own"
        hint = "remove project_of"
    elif owner is None:
        message = f"the file has no deployment {plain(other)}"
        hint = did_you_mean(other, list(here.file.deployments)) or "name a deployment of this file"
    elif owner is not UNKNOWN and owner.project_of is not None:
        message = f"{plain(other)} has no Pinecone project of its own: it shares that of {plain(owner.project_of)}"
        hint = f"write project_of: {plain(owner.project_of)}"
    if message:
        yield here.problem("project-of", message, hint, "project_of")
