"""What `cdk bootstrap` leaves in an account and Region, and which version of it is needed.

Sources: the cloud assemblies that aws-cdk-lib 2.275.0 writes (they name the versions; a test holds these against one),
its DefaultStackSynthesizer (the names, and the placeholders in them), the bootstrap template of the CDK command line
(what a qualifier may be), and "Bootstrap template version history" (docs.aws.amazon.com, checked 2026-11-25).
"""

from collections.abc import Mapping
from typing import Final

QUALIFIER: Final = "hnb659fds"
"""The CDK's default qualifier: a part of the names of everything that `cdk bootstrap` makes."""

QUALIFIER_PATTERN: Final = r"[A-Za-z0-9_-]{1,10}"

QUALIFIER_CONTEXT: Final = "@aws-cdk/core:bootstrapQualifier"
"""The CDK's context value, in cdk.json or on its command line, that names another qualifier for all stacks."""

ASSUMED: Final = ("deploy", "file-publishing", "lookup")
"""The bootstrap's roles through which the CDK command line acts."""

DEPLOYS: Final = ("deploy", "file-publishing")
"""Those without which nothing can be deployed. Without the lookup role the CDK warns, and reads as the deploy role."""

EXECUTION: Final = "cfn-exec"
"""The bootstrap's role as which CloudFormation acts."""

PLACEHOLDERS: Final = ("${Qualifier}", "${AWS::Partition}", "${AWS::AccountId}", "${AWS::Region}")

_ROLE: Final = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-${Qualifier}-{}-role-${AWS::AccountId}-${AWS::Region}"
)
ROLE_ARNS: Final[Mapping[str, str]] = {kind: _ROLE.replace("{}", kind) for kind in (*ASSUMED, EXECUTION)}
"""The ARNs of the bootstrap's roles where nobody has named others."""

PARAMETERS_PATH: Final = "/cdk-bootstrap/"
"""Under this path the bootstrap of every qualifier notes its version, in an account and Region."""

VERSION_PARAMETER_OF_ANY: Final = PARAMETERS_PATH + "${Qualifier}/version"

VERSION_PARAMETER: Final = VERSION_PARAMETER_OF_ANY.replace("${Qualifier}", QUALIFIER)
"""Where the bootstrap of an account and Region notes its version, with the default qualifier."""

VERSION_NEEDED: Final = 6
"""With an older one the CDK command line refuses to deploy."""

VERSION_WITH_LOOKUP_ROLE: Final = 8
"""From this one on there is a role that reads alone, which the CDK takes to tell what would change."""

VERSION_WITH_ROLLBACK: Final = 23
"""From this one on the deploy role may undo a failed update (`cdk rollback`)."""
