"""The names of the stacks of an account and Region."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of

_NOT_YET: Final = "REVIEW_IN_PROGRESS"


def stack_names(clients: Clients) -> Iterator[str]:
    """Yield the names of the stacks that exist; none where these credentials may not list them.

    One call for each page. Raises ClientError if AWS refuses for another reason.
    """
    client = clients.client("cloudformation")
    statuses = [
        each
        for each in client.meta.service_model.shape_for("StackStatus").enum
        if each != _NOT_YET and not each.startswith("DELETE")
    ]
    arguments: dict[str, Any] = {"StackStatusFilter": statuses}
    try:
        while True:
            page = client.list_stacks(**arguments)
            yield from (str(each["StackName"]) for each in page["StackSummaries"])
            if not page.get("NextToken"):
                return
            arguments["NextToken"] = page["NextToken"]
    except Exception as error:
        if code_of(error) not in DENIED:
            raise
