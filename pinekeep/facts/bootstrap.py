"""What `cdk bootstrap` leaves in an account and Region, and which version of it is needed.

Sources: the cloud assemblies that aws-cdk-lib 2.275.0 writes (they name the versions; a test holds these against one),
and "Bootstrap template version history" (docs.aws.amazon.com, checked 2026-11-25).
"""

from typing import Final

QUALIFIER: Final = "hnb659fds"
"""The CDK's default qualifier: a part of the names of everything that `cdk bootstrap` makes."""

ASSUMED: Final = ("deploy", "file-publishing", "lookup")
"""The bootstrap's roles through which the CDK command line acts."""

DEPLOYS: Final = ("deploy", "file-publishing")
"""Those without which nothing can be deployed. Without the lookup role the CDK warns, and reads as the deploy role."""

VERSION_PARAMETER: Final = f"/cdk-bootstrap/{QUALIFIER}/version"
"""Where the bootstrap of an account and Region notes its version."""

VERSION_NEEDED: Final = 6
"""With an older one the CDK command line refuses to deploy."""

VERSION_WITH_LOOKUP_ROLE: Final = 8
"""From this one on there is a role that reads alone, which the CDK takes to tell what would change."""

VERSION_WITH_ROLLBACK: Final = 23
"""From this one on the deploy role may undo a failed update (`cdk rollback`)."""
