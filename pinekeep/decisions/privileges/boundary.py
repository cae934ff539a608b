"""The permissions boundary of the roles in the stacks: their maximum permissions, whatever is attached to them.

Pinecone's role uses KMS keys, and the flow logs' role writes its log groups. Neither administers anything. A boundary
grants nothing by itself.

A key policy that names a role's ARN, as ours does, is limited by the role's boundary ("Permissions boundaries for IAM
entities", docs.aws.amazon.com). So the boundary must include everything that the key policy grants.
"""

from typing import Final

from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.policies.document import Statement
from pinekeep.model.policies.flow_logs import flow_logs_permissions
from pinekeep.model.policies.key import GRANT_ACTIONS, USE_ACTIONS
from pinekeep.model.policies.permissions import account_keys_arn

USE_SID: Final = "AtMostUseKeys"
GRANTS_SID: Final = "AtMostGrantsForAwsServices"
LOGS_SID: Final = "AtMostWriteFlowLogs"

CUSTOMERS_MAX: Final = 100
"""A boundary is one policy, so more customers than this cannot be named: then it includes keys of any account. A key in
another account also requires its own policy and the role's."""


def boundary_statements(scope: Scope) -> list[Statement]:
    """Return the statements of the permissions boundary for the roles of deployments."""
    made: list[Statement] = []
    own = [account_keys_arn(scope.account)] if scope.keys_to_read() else []
    customers = scope.customer_accounts() if len(scope.customer_accounts()) <= CUSTOMERS_MAX else ["*"]
    if keys := [*own, *(account_keys_arn(account) for account in customers)]:
        made.append({"Sid": USE_SID, "Effect": "Allow", "Action": list(USE_ACTIONS), "Resource": keys})
    if own:
        made.append(
            {
                "Sid": GRANTS_SID,
                "Effect": "Allow",
                "Action": list(GRANT_ACTIONS),
                "Resource": own,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            }
        )
    if scope.log_groups():
        (written,) = flow_logs_permissions("")["Statement"]
        made.append({**written, "Sid": LOGS_SID, "Resource": scope.log_groups()})
    return made
