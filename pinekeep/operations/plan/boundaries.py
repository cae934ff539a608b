"""What permissions boundaries say, as far as a plan needs it. Reads only."""

from collections.abc import Iterable

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.decisions.access.live import document
from pinekeep.model.policies.document import Policy


def read_boundaries(clients: Clients, arns: Iterable[str]) -> dict[str, Policy]:
    """Return the documents of some managed policies by ARN. Two calls for each.

    One that is not there, or that these credentials may not read, is left out: what it allows is undecided then.

    Args:
        clients: of the account.
        arns: the policies' ARNs.

    Raises:
        botocore.exceptions.ClientError: AWS refuses for another reason.
    """
    iam = clients.client("iam")
    found: dict[str, Policy] = {}
    for arn in dict.fromkeys(arns):
        try:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found[arn] = document(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
        except Exception as error:
            if code_of(error) not in {*DENIED, "NoSuchEntity"}:
                raise
    return found
