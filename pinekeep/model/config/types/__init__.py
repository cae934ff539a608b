"""The kinds of values in a configuration file, each with the check that goes with it.

Every check refuses through :func:`wrong`, so that a message always says what is allowed and how to mend it.
The JSON Schema patterns are what an editor can tell early; the checks decide.
"""

from pinekeep.model.config.types.accounts import (
    PINECONE_ACCOUNT_PLACE,
    OwnAccount,
    PineconeAccount,
    Region,
    TrustRegion,
)
from pinekeep.model.config.types.base import Check, Items, wrong
from pinekeep.model.config.types.bootstrap import AssetsBucket, BootstrapRoleArn, Qualifier, VersionParameter
from pinekeep.model.config.types.credentials import AssumedRoleArn, ProfileName
from pinekeep.model.config.types.keys import (
    EXTERNAL_ID_HINT,
    NO_EXTERNAL_ID,
    DeletionWindowDays,
    ExternalId,
    KeyArnText,
    PolicyArn,
    PrincipalArn,
    RemovedKey,
    RoleArn,
    RotationDays,
    SecretKeyArn,
)
from pinekeep.model.config.types.names import (
    Alias,
    CustomerName,
    DeploymentName,
    IamPath,
    RoleName,
    TagKey,
    TagValue,
    Version,
)
from pinekeep.model.config.types.networks import (
    AvailabilityZone,
    ClientCidr,
    EndpointGeneration,
    PrefixListId,
    SecurityGroupId,
    SubnetId,
    VpcCidr,
    VpcId,
)
from pinekeep.model.config.types.pinecone import (
    ApiKeyName,
    ApiKeyRole,
    BindingRole,
    ProjectName,
    SecretName,
    ServiceAccountName,
    UserEmail,
)
from pinekeep.model.config.words import did_you_mean

__all__ = [
    "EXTERNAL_ID_HINT",
    "NO_EXTERNAL_ID",
    "PINECONE_ACCOUNT_PLACE",
    "Alias",
    "ApiKeyName",
    "ApiKeyRole",
    "AssetsBucket",
    "AssumedRoleArn",
    "AvailabilityZone",
    "BindingRole",
    "BootstrapRoleArn",
    "Check",
    "ClientCidr",
    "CustomerName",
    "DeletionWindowDays",
    "DeploymentName",
    "EndpointGeneration",
    "ExternalId",
    "IamPath",
    "Items",
    "KeyArnText",
    "OwnAccount",
    "PineconeAccount",
    "PolicyArn",
    "PrefixListId",
    "PrincipalArn",
    "ProfileName",
    "ProjectName",
    "Qualifier",
    "Region",
    "RemovedKey",
    "RoleArn",
    "RoleName",
    "RotationDays",
    "SecretKeyArn",
    "SecretName",
    "SecurityGroupId",
    "ServiceAccountName",
    "SubnetId",
    "TagKey",
    "TagValue",
    "TrustRegion",
    "UserEmail",
    "Version",
    "VersionParameter",
    "VpcCidr",
    "VpcId",
    "did_you_mean",
    "wrong",
]
