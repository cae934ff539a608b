"""The table over the audit logs, the workgroup and the saved queries.

Source: "Actions, resources, and condition keys for AWS Glue" and "... for Amazon Athena" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind, grant, left_out
from pinekeep.decisions.privileges.storage_scope import catalog, workgroups

_LISTING: Final = "only for listing resources to import, never for a deployment"
_LAKE: Final = "the audit logs are not registered with Lake Formation"
_CATALOG: Final = "the catalog, and the deployments' databases and tables"
_WORKGROUPS: Final = "the deployments' workgroups"

DATABASE: Final = ResourceKind(
    name="AWS::Glue::Database",
    grants=(
        grant(
            "ManageTables",
            "glue:CreateDatabase",
            "glue:DeleteDatabase",
            "glue:GetDatabase",
            "glue:UpdateDatabase",
            on=_CATALOG,
            resources=catalog,
        ),
    ),
    left_out={
        **left_out(
            "the database has no connection",
            "glue:CreateConnection",
            "glue:DeleteConnection",
            "glue:GetConnection",
            "glue:PassConnection",
            "glue:UpdateConnection",
        ),
        **left_out(
            _LAKE,
            "lakeformation:DescribeLakeFormationIdentityCenterConfiguration",
            "lakeformation:DescribeResource",
            "lakeformation:ListResources",
        ),
        **left_out(_LISTING, "glue:GetDatabases"),
    },
)

TABLE: Final = ResourceKind(
    name="AWS::Glue::Table",
    grants=(
        grant(
            "ManageTables",
            "glue:CreateTable",
            "glue:DeleteTable",
            "glue:GetDatabase",
            "glue:GetTable",
            "glue:UpdateDatabase",
            "glue:UpdateTable",
            on=_CATALOG,
            resources=catalog,
        ),
    ),
    left_out={
        **left_out(
            "the table has no connection, no role and no registered schema",
            "glue:PassConnection",
            "glue:GetSchemaVersion",
            "iam:PassRole",
        ),
        **left_out(
            _LAKE,
            "lakeformation:CreateTable",
            "lakeformation:DescribeLakeFormationIdentityCenterConfiguration",
            "lakeformation:DescribeResource",
            "lakeformation:GetDataAccess",
            "lakeformation:ListResources",
        ),
        **left_out("only tables of Iceberg have files of their own", "s3:GetObject", "s3:PutObject"),
        **left_out(_LISTING, "glue:GetTables"),
    },
)

WORKGROUP: Final = ResourceKind(
    name="AWS::Athena::WorkGroup",
    grants=(
        grant(
            "ManageWorkgroups",
            "athena:CreateWorkGroup",
            "athena:DeleteWorkGroup",
            "athena:GetWorkGroup",
            "athena:ListTagsForResource",
            "athena:TagResource",
            "athena:UntagResource",
            "athena:UpdateWorkGroup",
            on=_WORKGROUPS,
            resources=workgroups,
        ),
    ),
    left_out={
        **left_out(
            "only workgroups of Spark and of managed results need a role or touch the bucket",
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "s3:AbortMultipartUpload",
            "s3:GetBucketLocation",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ),
        **left_out(_LISTING, "athena:ListWorkGroups"),
    },
)

NAMED_QUERY: Final = ResourceKind(
    name="AWS::Athena::NamedQuery",
    grants=(
        grant(
            "ManageWorkgroups",
            "athena:CreateNamedQuery",
            "athena:DeleteNamedQuery",
            "athena:GetNamedQuery",
            on=_WORKGROUPS,
            resources=workgroups,
        ),
    ),
    left_out=left_out(_LISTING, "athena:ListNamedQueries"),
)
