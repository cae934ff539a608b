"""boto3 sessions that take no stranger's answer for AWS's, and share what is slow to read."""

from functools import cache
from threading import Lock
from typing import Any, Final

_STARTING: Final = Lock()


@cache
def _descriptions() -> Any:
    """Return what reads the descriptions of AWS's services. Each session has its own by default and reads them anew.

    That takes longer than the calls: those of CloudFormation, EC2 and Systems Manager are megabytes.
    """
    from botocore.session import Session  # noqa: PLC0415 - slow to import

    return Session().get_component("data_loader")


def new_session(**keys: str | None) -> Any:
    """Return a boto3 session. Safe in threads.

    Args:
        keys: credentials by the names of boto3's Session; without any, those that the AWS SDKs find.

    Raises:
        botocore.exceptions.BotoCoreError: the configuration is not right; see :mod:`pinekeep.aws.refusals`.
    """
    import boto3  # noqa: PLC0415 - slow to import
    from botocore.session import Session  # noqa: PLC0415

    from pinekeep.aws.parsing import ParserFactory  # noqa: PLC0415 - imports botocore

    with _STARTING:
        core = Session()
        core.register_component("data_loader", _descriptions())
        core.register_component("response_parser_factory", ParserFactory())
        return boto3.Session(botocore_session=core, **keys)
