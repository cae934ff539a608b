"""Adapter to the library that evaluates policies, without rules of its own.

The library is the emulator's evaluator, ``ministack.core.iam_evaluator``, at the version pinned in
:mod:`pinekeep.emulator.version`. It is imported on first use.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pinekeep.decisions.access.principals import Principal
from pinekeep.decisions.access.requests import Request
from pinekeep.decisions.access.vocabulary import RESOURCE_ACCOUNT
from pinekeep.emulator.version import check_version
from pinekeep.model.policies.document import Statement, policy

ALLOW: Final = "Allow"
DENY: Final = "Deny"
"""Denied by a statement. A denial for lack of a statement that allows is the library's third answer."""

CALLER_ACCOUNT: Final = "kms:calleraccount"
EVERYTHING: Final[tuple[Statement, ...]] = ({"Effect": "Allow", "Action": "*", "Resource": "*"},)


@cache
def library() -> Any:
    """Return the evaluator. Raises LocalAwsError if it is missing, or has another version than the pinned one."""
    check_version()
    return importlib.import_module("ministack.core.iam_evaluator")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The statements that apply to a request: of the caller's IAM policies, of its permissions boundary (None where it
    has none), and of the trust policy or key policy."""

    identity: Sequence[Statement]
    boundary: Sequence[Statement] | None
    resource: Sequence[Statement]


def known_keys(request: Request) -> frozenset[str]:
    """Return the condition keys, in lower case, whose presence and value in a request are known."""
    return frozenset(request.context) | ({CALLER_ACCOUNT} if request.action.startswith("kms:") else frozenset())


class Question:
    """One request of one principal, to be evaluated with several sets of statements."""

    def __init__(
        self, *, principal: Principal, request: Request, resource_arn: str, owner: str, required: bool = True
    ) -> None:
        """``required``: whether the resource's own policy must allow within the owner's account, too."""
        context: dict[str, Any] = {key: value for key, value in request.context.items() if value is not None}
        context[RESOURCE_ACCOUNT] = owner
        if CALLER_ACCOUNT in known_keys(request):
            context[CALLER_ACCOUNT] = principal.account
        self._owner = owner
        self._required = required
        self._context = library().EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=request.action,
            resource_arn=resource_arn,
            region=context.get("aws:requestedregion", ""),
            source_ip="",
            secure_transport=context.get("aws:securetransport") != "false",
            service_context=context,
        )

    def answer(self, asked: Asked) -> str:
        """Return the decision of all statements together."""
        limits = () if asked.boundary is None else ([_parsed(asked.boundary)],)
        identity = library().evaluate(self._context, [_parsed(asked.identity)], *limits)
        combined = library().combine_resource_policy(
            identity, self._context, policy(asked.resource), self._owner, required=self._required, limits=limits
        )
        return str(combined.decision)

    def of_resource(self, statements: Sequence[Statement]) -> str:
        """Return the decision of statements of the trust or key policy alone."""
        return str(library().evaluate_resource_policy(policy(statements), self._context).decision)

    def of_identity(self, statements: Sequence[Statement]) -> str:
        """Return the decision of statements of the caller's IAM policies, or of its boundary, alone."""
        return str(library().evaluate(self._context, [_parsed(statements)]).decision)


def _parsed(statements: Sequence[Statement]) -> Any:
    return library().parse_policy_document(policy(statements))
