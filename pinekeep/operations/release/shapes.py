"""The released shape of a deployment, and its parameters with their values. Nothing is synthesized here."""

from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.private_link import AdoptedEndpoint, NewVpc
from pinekeep.operations.release.catalogue import SHAPES
from pinekeep.operations.release.parameters import ROLE_REGION, Subject
from pinekeep.operations.release.shape import ReleasedShape

SHAPES_BY_KEY: Final = {shape.key: shape for shape in SHAPES}
INSTEAD: Final = "`pinekeep deploy` deploys what a released template cannot express"
STACKS: Final = {"cmek": naming.cmek_stack, "private_link": naming.private_link_stack}
"""The parts of a deployment that have released templates, with the names of their stacks."""


def parts_of(deployment: Deployment) -> list[str]:
    """Return the parts of a deployment that have released templates: ``cmek``, ``private_link``."""
    return [part for part in STACKS if getattr(deployment, part) is not None]


def shape_of(name: str, deployment: Deployment, part: str | None = None) -> ReleasedShape:
    """Return the released shape of a part of a deployment. ``part``: None for the only one it has.

    Whether the shape's template can express the deployment is another question; see
    :func:`pinekeep.operations.release.comparison.require_expressible`. Raises WrongInputError if there is no such
    shape.
    """
    if part is None:
        (part,) = parts_of(deployment)
    if part == "cmek" and deployment.cmek is not None:
        if not deployment.cmek.has_own_key:
            return SHAPES_BY_KEY["cmek-customer-keys"]
        return SHAPES_BY_KEY["cmek-own-key" if deployment.cmek.key.adopt is None else "cmek-adopted-key"]
    link = deployment.private_link
    if link is None or isinstance(link.vpc, AdoptedEndpoint):
        raise WrongInputError(
            f"{name}: there is no released template for an adopted endpoint, which needs no stack", hint=INSTEAD
        )
    vpc = "new-vpc" if isinstance(link.vpc, NewVpc) else "existing-vpc"
    return SHAPES_BY_KEY[f"private-link-{vpc}-{link.dns}"]


def parameters_of(
    name: str,
    deployment: Deployment,
    *,
    pinecone_account: str | None,
    role_region: str | None = None,
    part: str | None = None,
) -> dict[str, str]:
    """Return the values of all parameters of a deployment's released template, in the template's order.

    ``role_region``: the Region whose stack creates the role, for stacks in several Regions of an account; None for the
    deployment's own. ``part``: see :func:`shape_of`. Raises WrongInputError if there is no released shape, or if the
    role is to be in another Region and the shape has a role alone.
    """
    shape = shape_of(name, deployment, part)
    has_role_region = any(each is ROLE_REGION for each in shape.parameters)
    if role_region not in (None, deployment.region) and not has_role_region:
        raise WrongInputError(
            f"{name}: the stacks of {shape.key} have no role in another Region, got {role_region}",
            hint="give it one Region an account",
        )
    subject = Subject(name=name, deployment=deployment, pinecone_account=pinecone_account, role_region=role_region)
    return {each.name: each.value(subject) for each in shape.parameters}
