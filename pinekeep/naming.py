"""Names that the stacks give and that the deployer looks for: said once, so that both agree."""

from enum import StrEnum
from typing import Final

STACK_PREFIX: Final = "Pinekeep"


class Output(StrEnum):
    """The names of the stacks' outputs, the same in every deployment."""

    ROLE_ARN = "RoleArn"
    KEY_ARN = "KeyArn"
    KEY_ALIAS = "KeyAlias"
    EXTERNAL_ID = "ExternalId"
    VPC_ENDPOINT_ID = "VpcEndpointId"
    VPC_ENDPOINT_DNS_NAME = "VpcEndpointDnsName"
    PRIVATE_DNS_ZONE = "PrivateDnsZone"


def cmek_stack(deployment: str) -> str:
    """Return the name of the stack that holds the key and the role."""
    return f"{STACK_PREFIX}-{deployment}-Cmek"


def private_link_stack(deployment: str) -> str:
    """Return the name of the stack that holds the endpoint."""
    return f"{STACK_PREFIX}-{deployment}-PrivateLink"


def default_role_name(*, deployment: str, region: str) -> str:
    """Return the role's name where the configuration gives none.

    It holds the Region, because roles are global to an account while deployments are not.
    """
    return f"pinekeep-{deployment}-{region}"


def default_alias(deployment: str) -> str:
    """Return the key's alias, without ``alias/``, where the configuration gives none."""
    return f"pinecone/{deployment}"
