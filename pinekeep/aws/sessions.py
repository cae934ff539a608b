"""Sessions that take no stranger's answer for AWS's, and share what is slow to read."""

from functools import cache
from threading import Lock
from typing import Any, Final

_STARTING: Final = Lock()


class Session:
    """The part of boto3's Session that is used. Importing boto3 takes longer than importing botocore.

    Args:
        core: a session of botocore's.
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    def client(self, service_name: str, *, region_name: str, config: Any = None) -> Any:
        """Return a client of one service, as boto3 does."""
        from pinekeep.aws.descriptions import find_errors_quickly  # noqa: PLC0415 - imports botocore

        made = self._core.create_client(service_name, region_name=region_name, config=config)
        find_errors_quickly(made)
        return made

    def get_credentials(self) -> Any:
        """Return the credentials, or None where there are none."""
        return self._core.get_credentials()


@cache
def _descriptions() -> Any:
    """Return what reads the descriptions of AWS's services. Each session has its own by default and reads them anew.

    That takes longer than the calls: those of CloudFormation, EC2 and Systems Manager are megabytes.
    """
    from botocore.session import Session as Core  # noqa: PLC0415 - slow to import

    from pinekeep.aws.descriptions import Descriptions  # noqa: PLC0415 - imports botocore

    # Without botocore's own handlers of events, which are slow to register and of no use to a loader.
    return Descriptions(Core(include_builtin_handlers=False).get_component("data_loader").search_paths)


def new_session(**keys: str | None) -> Session:
    """Return a session. Safe in threads.

    Args:
        keys: credentials by the names of boto3's Session; without any, those that the AWS SDKs find.

    Raises:
        botocore.exceptions.BotoCoreError: the configuration is not right; see :mod:`pinekeep.aws.refusals`.
    """
    from botocore.session import Session as Core  # noqa: PLC0415 - slow to import

    from pinekeep.aws.parsing import ParserFactory  # noqa: PLC0415 - imports botocore

    with _STARTING:
        core = Core()
        core.register_component("data_loader", _descriptions())
        core.register_component("response_parser_factory", ParserFactory())
        if keys:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            core.set_credentials(*(keys.get(name) for name in names))
        return Session(core)
