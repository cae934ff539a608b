"""boto3 sessions, made so that what is no answer of AWS's is never taken for one."""

from typing import Any


def new_session(**keys: str | None) -> Any:
    """Return a boto3 session.

    Args:
        keys: credentials by the names of boto3's Session; without any, those that the AWS SDKs find.

    Raises:
        botocore.exceptions.BotoCoreError: the configuration is not right; see :mod:`pinekeep.aws.refusals`.
    """
    import boto3  # noqa: PLC0415 - slow to import
    from botocore.session import Session  # noqa: PLC0415

    from pinekeep.aws.parsing import ParserFactory  # noqa: PLC0415 - imports botocore

    core = Session()
    core.register_component("response_parser_factory", ParserFactory())
    return boto3.Session(botocore_session=core, **keys)
