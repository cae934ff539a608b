"""The audit bucket, the bucket of its access logs, and that of the results of queries.

CloudFormation may not read, write or delete an object, nor bypass a retention. It deletes no bucket: they are retained,
but for a first deployment that fails.

Source: "Actions, resources, and condition keys for Amazon S3" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind, grant, left_out
from pinekeep.decisions.privileges.storage_scope import made_buckets

_BUCKETS: Final = "the deployments' buckets"

BUCKET: Final = ResourceKind(
    name="AWS::S3::Bucket",
    grants=(
        grant(
            "ManageBuckets",
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:GetAccelerateConfiguration",
            "s3:GetAnalyticsConfiguration",
            "s3:GetBucketAbac",
            "s3:GetBucketAcl",
            "s3:GetBucketCORS",
            "s3:GetBucketLogging",
            "s3:GetBucketMetadataTableConfiguration",
            "s3:GetBucketNotification",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetBucketWebsite",
            "s3:GetEncryptionConfiguration",
            "s3:GetIntelligentTieringConfiguration",
            "s3:GetInventoryConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetMetricsConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
            "s3:ListTagsForResource",
            "s3:PutBucketLogging",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:TagResource",
            "s3:UntagResource",
            on=_BUCKETS,
            resources=made_buckets,
        ),
    ),
    left_out={
        **left_out(
            "objects are not CloudFormation's: it neither deletes them nor sets their retention",
            "s3:DeleteObject",
            "s3:PutObjectAcl",
            "s3:PutObjectLockConfiguration",
        ),
        **left_out(
            "the templates always encrypt and expire; a former setting is replaced, not deleted",
            "s3:DeleteBucketEncryption",
            "s3:DeleteBucketLifecycle",
        ),
        **left_out(
            "no bucket of the templates has any",
            "s3:CreateBucketMetadataTableConfiguration",
            "s3:DeleteBucketAnalyticsConfiguration",
            "s3:DeleteBucketCors",
            "s3:DeleteBucketMetadataTableConfiguration",
            "s3:DeleteBucketMetricsConfiguration",
            "s3:DeleteBucketReplication",
            "s3:DeleteBucketWebsite",
            "s3:PutAccelerateConfiguration",
            "s3:PutAnalyticsConfiguration",
            "s3:PutBucketAbac",
            "s3:PutBucketCORS",
            "s3:PutBucketNotification",
            "s3:PutBucketReplication",
            "s3:PutBucketWebsite",
            "s3:PutIntelligentTieringConfiguration",
            "s3:PutInventoryConfiguration",
            "s3:PutMetricsConfiguration",
            "s3:PutReplicationConfiguration",
            "s3:UpdateBucketMetadataAnnotationTableConfiguration",
            "s3:UpdateBucketMetadataInventoryTableConfiguration",
            "s3:UpdateBucketMetadataJournalTableConfiguration",
            "s3tables:CreateNamespace",
            "s3tables:CreateTable",
            "s3tables:CreateTableBucket",
            "s3tables:GetTable",
            "s3tables:GetTableMetadataLocation",
            "s3tables:PutTableBucketPolicy",
            "s3tables:PutTableEncryption",
            "s3tables:PutTablePolicy",
            "s3tables:UpdateTableMetadataLocation",
        ),
        **left_out("the owner is enforced, so a bucket has no access control list", "s3:PutBucketAcl"),
        **left_out("only replication needs a role", "iam:PassRole"),
        **left_out("CloudFormation's own tags and the deployment's are put with the others", "s3:DeleteBucketTagging"),
        **left_out("only for listing resources to import, never for a deployment", "s3:ListAllMyBuckets"),
    },
)

BUCKET_POLICY: Final = ResourceKind(
    name="AWS::S3::BucketPolicy",
    grants=(
        grant(
            "ManageBucketPolicies",
            "s3:DeleteBucketPolicy",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
            on=_BUCKETS,
            resources=made_buckets,
        ),
    ),
    left_out=left_out("only for listing resources to import, never for a deployment", "s3:ListAllMyBuckets"),
)
