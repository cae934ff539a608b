"""Read-only calls to AWS, each made once, however many deployments and threads need it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Lock
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, EXPIRED, code_of, message_of, missing_permission, why_denied
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.calls import OPERATIONS
from pinekeep.account.reads.live import Unreadable

PAGES_MAX: Final = 20
"""More pages are not read; who has that much learns that it is at least so much."""

_CLIENTS: Final = {"servicequotas": "service-quotas", "tag": "resourcegroupstaggingapi"}
"""boto3's names of services whose IAM prefix is another."""

_GLOBAL: Final = frozenset({"iam", "route53"})
"""Services that answer the same in every Region."""

_NEEDED: Final = frozenset({"cloudformation", "ssm", "sts"})
"""Services that a deployment cannot do without. The others may be out of reach of a closed network."""

_OPTIONAL: Final = frozenset(
    {
        "servicequotas:GetServiceQuota",
        "tag:GetResources",
        "iam:SimulatePrincipalPolicy",
        "route53resolver:ListResolverRuleAssociations",
        "route53resolver:ListResolverRules",
        "route53resolver:ListResolverEndpoints",
        "route53profiles:ListProfileAssociations",
        "route53profiles:ListProfileResourceAssociations",
    }
)
"""Calls that are made for what more they tell: whatever AWS refuses, the look goes on without an answer."""

_ABSENT: Final = frozenset(
    {
        "NoSuchEntity",
        "NotFoundException",
        "ParameterNotFound",
        "InvalidServiceName",
        "InvalidVpcID.NotFound",
        "NoSuchHostedZone",
        "ResourceNotFoundException",
        "NotFound",  # a topic
        "NoSuchPublicAccessBlockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "404",  # a HEAD request of S3
    }
)
"""AWS's words for a thing that does not exist."""


class Asker:
    """Makes calls that read, and remembers the answers."""

    def __init__(self, clients_for: Callable[[str], Clients]) -> None:
        self._clients_for = clients_for
        self._clients: dict[str, Clients] = {}
        self._answers: dict[tuple[str, str, str], Future[Any]] = {}
        self._lock = Lock()

    def clients(self, region: str) -> Clients:
        """Return the clients of a Region, the same ones each time."""
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._clients_for(region)
            return self._clients[region]

    def ask(self, region: str, permission: str, **arguments: Any) -> Any:
        """Return what AWS says, None where it says that there is nothing, or :class:`Unreadable`.

        ``permission`` names the call, too, such as ``kms:DescribeKey``.

        Raises:
            ClientError: AWS refuses for another reason than a missing permission.
            BotoCoreError: AWS cannot be reached.
        """
        return self._once(region, permission, arguments, self._answer)

    def all_of(self, region: str, permission: str, part: str, **arguments: Any) -> Any:
        """Return one list out of every page of an answer, and whether that is all; None and Unreadable as above."""

        def pages(region: str, permission: str, arguments: dict[str, Any]) -> Any:
            return self._told(permission, lambda: self._pages(region, permission, part, arguments))

        return self._once(region, f"{permission} {part}", arguments, pages, permission=permission)

    def attempt(self, region: str, permission: str, judge: Callable[[Exception | None], Any], **arguments: Any) -> Any:
        """Return what ``judge`` says of a call's refusal (None: there was none).

        The answer itself is dropped, because it may hold secrets.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

        def try_it(region: str, permission: str, arguments: dict[str, Any]) -> Any:
            try:
                self._call(region, permission, arguments)
            except ClientError as error:
                return judge(error)
            return judge(None)

        return self._once(region, permission, arguments, try_it)

    def _once(
        self, region: str, name: str, arguments: dict[str, Any], call: Callable[..., Any], *, permission: str = ""
    ) -> Any:
        permission = permission or name
        known = "" if permission.partition(":")[0] in _GLOBAL else region
        key = (known, name, json.dumps(arguments, sort_keys=True))
        with self._lock:
            mine = key not in self._answers
            answer = self._answers.setdefault(key, Future())
        if mine:
            try:
                answer.set_result(call(region, permission, arguments))
            except BaseException as error:  # whoever waits for the answer gets it, too
                answer.set_exception(error)
        return answer.result()

    def _answer(self, region: str, permission: str, arguments: dict[str, Any]) -> Any:
        return self._told(permission, lambda: self._call(region, permission, arguments))

    def _told(self, permission: str, call: Callable[[], Any]) -> Any:
        from botocore import exceptions as e  # noqa: PLC0415

        try:
            return call()
        except e.ClientError as error:
            if _says_absent(error):
                return None
            if code_of(error) in DENIED:
                named = missing_permission(error)
                return Unreadable(named if ":" in named else permission, why_denied(error))
            if permission in _OPTIONAL and code_of(error) not in EXPIRED:
                return Unreadable(permission, f"AWS gave no answer ({code_of(error)})")
            raise
        except (e.ConnectionError, e.HTTPClientError, e.EndpointProviderError) as error:
            if permission.partition(":")[0] not in _NEEDED and (refusal := as_refusal(error)):
                return Unreadable(permission, refusal.message)
            raise

    def _pages(self, region: str, permission: str, part: str, arguments: dict[str, Any]) -> tuple[list[Any], bool]:
        client, method = self._method(region, permission)
        by_hand = _by_hand(getattr(client, method), arguments)
        pages = client.get_paginator(method).paginate(**arguments) if client.can_paginate(method) else by_hand
        found: list[Any] = []
        for number, page in enumerate(pages, start=1):
            found += page.get(part) or []
            if number == PAGES_MAX:
                return found, False
        return found, True

    def _call(self, region: str, permission: str, arguments: dict[str, Any]) -> Any:
        client, method = self._method(region, permission)
        return getattr(client, method)(**arguments)

    def _method(self, region: str, permission: str) -> tuple[Any, str]:
        from botocore import xform_name  # noqa: PLC0415

        service, _, operation = permission.partition(":")
        named = xform_name(OPERATIONS.get(permission, operation))
        return self.clients(region).client(_CLIENTS.get(service, service)), named


def _by_hand(call: Callable[..., Any], arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the pages of a call that botocore has no paginator for."""
    token: dict[str, str] = {}
    while True:
        page = call(**arguments, **token)
        yield page
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _says_absent(error: Exception) -> bool:
    code = code_of(error)
    return code in _ABSENT or (code == "ValidationError" and "does not exist" in message_of(error))
