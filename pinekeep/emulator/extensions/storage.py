"""S3 and Secrets Manager."""

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3, secretsmanager
from ministack.services.cloudformation import drift

from pinekeep.emulator.extensions.patching import HANDLERS, Attributes, Properties

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type


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
