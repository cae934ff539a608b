"""S3 and Secrets Manager."""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3, secretsmanager
from ministack.services.cloudformation import drift, provisioners

from pinekeep.emulator.extensions.patching import HANDLERS, Attributes, Properties, after_provisioning, carry_stack_tags

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET = "AWS::S3::Bucket"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type


def object_lock() -> None:
    """Gap: Object Lock of a template is ignored. AWS keeps it and versioning for good, and applies the retention."""

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        if properties.get("ObjectLockEnabled"):
            rule = (properties.get("ObjectLockConfiguration") or {}).get("Rule") or {}
            retention = {
                name: int(value) if name in ("Days", "Years") else value
                for name, value in (rule.get("DefaultRetention") or {}).items()
            }
            s3._bucket_versioning[physical_id] = "Enabled"
            s3._bucket_object_lock[physical_id] = {"enabled": True, "default_retention": retention or None}
        return attributes

    after_provisioning(BUCKET, complete)


def bucket_encryption_and_tags() -> None:
    """Gap: `BucketEncryption`, the tags of a template's bucket, and the stack's tags are ignored. AWS applies them."""

    def to_xml(encryption: dict[str, Any]) -> bytes:
        root = Element("ServerSideEncryptionConfiguration", xmlns=s3.S3_NS)
        for rule in encryption.get("ServerSideEncryptionConfiguration") or []:
            element = SubElement(root, "Rule")
            default = SubElement(element, "ApplyServerSideEncryptionByDefault")
            for name, value in (rule.get("ServerSideEncryptionByDefault") or {}).items():
                SubElement(default, name).text = str(value)
            if "BucketKeyEnabled" in rule:
                SubElement(element, "BucketKeyEnabled").text = str(rule["BucketKeyEnabled"]).lower()
        return tostring(root)

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}
        if tags:
            s3._bucket_tags[physical_id] = tags
        else:
            s3._bucket_tags.pop(physical_id, None)
        return attributes

    encryption = ("BucketEncryption", to_xml, s3._put_bucket_encryption, s3._delete_bucket_encryption)
    provisioners._S3_BUCKET_CONFIGURATIONS = (*provisioners._S3_BUCKET_CONFIGURATIONS, encryption)
    after_provisioning(BUCKET, complete)
    carry_stack_tags(BUCKET)


def managed_key_of_s3() -> None:
    """Gap: a write with `aws:kms` and no key, as CDK's assets, is refused. AWS uses its managed key `alias/aws/s3`."""
    resolve = s3._resolve_sse_write_headers

    def resolved(headers: dict[str, str], bucket_name: str) -> Any:
        asks = headers.get("x-amz-server-side-encryption") == "aws:kms"
        if asks and not headers.get(KEY_HEADER):
            managed = f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"
            headers = {**headers, KEY_HEADER: managed}
        return resolve(headers, bucket_name)

    s3._resolve_sse_write_headers = resolved


def secret_reference_is_its_arn() -> None:
    """Gap: `Ref` of a secret is its name. AWS returns the ARN. The emulator's handlers still receive the name."""

    def name_of(physical_id: str) -> str:
        known = (name for name, secret in secretsmanager._secrets.items() if secret.get("ARN") == physical_id)
        return str(next(known, physical_id))

    handler = HANDLERS[SECRET]
    make, change, remove = handler["create"], handler["update"], handler["delete"]
    read, read_properties = drift._DRIFT_READERS[SECRET]

    def create(*arguments: Any) -> tuple[str, Attributes]:
        _, attributes = make(*arguments)
        return attributes["Arn"], attributes

    def update(physical_id: str, *arguments: Any) -> tuple[str, Attributes]:
        name, attributes = change(name_of(physical_id), *arguments)
        return secretsmanager._secrets[name]["ARN"], attributes

    def delete(physical_id: str, *arguments: Any) -> None:
        remove(name_of(physical_id), *arguments)

    def read_by_arn(physical_id: str, properties: Properties) -> Any:
        return read(name_of(physical_id), properties)

    handler.update(create=create, update=update, delete=delete)
    drift._DRIFT_READERS[SECRET] = (read_by_arn, read_properties)
