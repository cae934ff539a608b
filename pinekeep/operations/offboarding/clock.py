"""The time, as AWS tells it: waiting is counted by a clock that is not the user's."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told


def aws_now(clients: Clients) -> datetime:
    """Return the time at which AWS answers, in UTC; this machine's where the answer does not tell. One call.

    Raises:
        AwsRefusedError: AWS cannot be asked.
    """
    with refusals_told():
        answer = clients.client("sts").get_caller_identity()
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (TypeError, ValueError):
        return datetime.now(UTC)
