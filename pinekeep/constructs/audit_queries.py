"""Athena over Pinecone's audit logs: a Glue table, a workgroup, and the saved queries."""

import re
from typing import Any, Final

from aws_cdk import Aws, Fn, RemovalPolicy
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props, is_token
from pinekeep.model.audit import athena_sql
from pinekeep.model.facts import athena as facts
from pinekeep.model.naming import audit_database
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.storage import tls_statements
from pinekeep.model.values.keys import KeyArnText
from pinekeep.model.values.storage import BucketName, Prefix, ResultDays, ScanLimit
from pinekeep.model.words import shown

_NAME: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_LOCATION: Final = "s3://${Bucket}/results/"


class AuditQueries(Construct):
    """A Glue table over the files of the audit logs, and an Athena workgroup with the saved queries.

    The table has one row for each line of each file, and no partitions: Pinecone documents neither the names of the
    files nor whether a file holds one object, an array, or lines. The queries parse the lines.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        bucket_name: the bucket with the audit logs.
        prefix: the prefix of the files, without slashes at its ends. None: the whole bucket.
        kms_key_arn: the KMS key that encrypts the results, best the one of the audit bucket. None: S3's own key.
        name: the name of the workgroup, and of the database with underscores in place of hyphens.
        scan_limit_mib: the most data that one query may scan, in MiB.
        result_days: after how many days the results of queries expire.

    Attributes:
        database_name: the Glue database: a reference.
        workgroup_name: the Athena workgroup: a reference.
        results_bucket: the bucket with the results of queries.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        name: str,
        prefix: str | None = None,
        kms_key_arn: str | None = None,
        scan_limit_mib: int = facts.SCAN_LIMIT_MIB_DEFAULT,
        result_days: int = facts.RESULT_DAYS_DEFAULT,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(bucket_name=bucket_name, name=name)
        props.require(
            bucket_name=(BucketName, bucket_name),
            prefix=(Prefix, prefix),
            kms_key_arn=(KeyArnText, kms_key_arn),
            scan_limit_mib=(ScanLimit, scan_limit_mib),
            result_days=(ResultDays, result_days),
        )
        if not is_token(name) and (len(name) > facts.WORKGROUP_NAME_MAX or not re.fullmatch(_NAME, name)):
            props.refuse(
                f"name: it consists of at most {facts.WORKGROUP_NAME_MAX} lower-case letters, digits and single "
                f"hyphens between them, got {shown(name)}",
                "give a name such as pinekeep-search-audit",
            )
        why = f"Athena has one workgroup named {name} in an account and Region"
        props.claim("name", name, why=why, hint="give this one another name")
        super().__init__(scope, construct_id)
        self.results_bucket = self._results(kms_key_arn, result_days)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=audit_database(name), description="Pinecone's audit logs"
            ),
        )
        self.database_name = database.ref
        location = "/".join(each for each in (f"s3://{bucket_name}", prefix, "") if each is not None)
        self._lines(database, location)
        self.workgroup = athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=name,
            description="Queries over Pinecone's audit logs",
            recursive_delete_option=True,
            work_group_configuration=self._configuration(kms_key_arn, scan_limit_mib),
        )
        self.workgroup_name = self.workgroup.ref
        for query in athena_sql.named_queries(database=audit_database(name)):
            athena.CfnNamedQuery(
                self,
                f"Query{query.id}",
                name=query.name,
                description=query.description,
                database=self.database_name,
                work_group=self.workgroup_name,
                query_string=query.sql,
            )
        acknowledge(self)

    def _results(self, kms_key_arn: str | None, days: int) -> s3.CfnBucket:
        """Return the bucket for the results of queries. It is retained: CloudFormation deletes only empty buckets."""
        bucket = s3.CfnBucket(
            self,
            "Results",
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        bucket_key_enabled=kms_key_arn is not None,
                        server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                            sse_algorithm="AES256" if kms_key_arn is None else "aws:kms",
                            kms_master_key_id=kms_key_arn,
                        ),
                    )
                ]
            ),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=[
                    s3.CfnBucket.RuleProperty(
                        id="ExpireResults",
                        status="Enabled",
                        expiration_in_days=days,
                        abort_incomplete_multipart_upload=s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                            days_after_initiation=1
                        ),
                    )
                ]
            ),
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
            ),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
        )
        bucket.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        bucket_policy = s3.CfnBucketPolicy(
            self, "ResultsPolicy", bucket=bucket.ref, policy_document=_results_policy(bucket)
        )
        bucket_policy.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        return bucket

    def _lines(self, database: glue.CfnDatabase, location: str) -> None:
        glue.CfnTable(
            self,
            "Lines",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=database.ref,
            table_input=glue.CfnTable.TableInputProperty(
                name=athena_sql.TABLE,
                description="Each line of each file of Pinecone's audit logs",
                table_type="EXTERNAL_TABLE",
                parameters={"EXTERNAL": "TRUE", "classification": "text"},
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[glue.CfnTable.ColumnProperty(name=athena_sql.COLUMN, type="string")],
                    location=location,
                    input_format=facts.TEXT_INPUT_FORMAT,
                    output_format=facts.TEXT_OUTPUT_FORMAT,
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library=facts.REGEX_SERDE,
                        parameters={"input.regex": facts.WHOLE_LINE, "serialization.format": "1"},
                    ),
                ),
            ),
        )

    def _configuration(
        self, kms_key_arn: str | None, scan_limit_mib: int
    ) -> athena.CfnWorkGroup.WorkGroupConfigurationProperty:
        encryption: dict[str, Any] = (
            {"encryption_option": "SSE_S3"}
            if kms_key_arn is None
            else {"encryption_option": "SSE_KMS", "kms_key": kms_key_arn}
        )
        return athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            requester_pays_enabled=False,
            bytes_scanned_cutoff_per_query=scan_limit_mib * 1024 * 1024,
            engine_version=athena.CfnWorkGroup.EngineVersionProperty(selected_engine_version=facts.ENGINE_VERSION),
            result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                output_location=Fn.sub(_LOCATION, {"Bucket": self.results_bucket.ref}),
                expected_bucket_owner=Aws.ACCOUNT_ID,
                encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(**encryption),
            ),
        )


def _results_policy(bucket: s3.CfnBucket) -> Policy:
    """Return the policy of a bucket whose name CloudFormation chooses."""
    # cdk-nag reads Fn::Sub in this form alone, and cfn-lint objects to Fn::Join.
    resources = [bucket.attr_arn, Fn.sub(f"${{{bucket.logical_id}.Arn}}/*")]
    return policy([{**each, "Resource": resources} for each in tls_statements("")])
