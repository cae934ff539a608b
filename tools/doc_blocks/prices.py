"""The list prices of AWS that `plan` uses, with their sources."""

from typing import Final

from pinekeep.model.facts import prices
from pinekeep.model.facts.prices import Price
from tools.doc_blocks.tables import table

_WORDS: Final[dict[str, Price]] = {
    "Interface endpoint": prices.ENDPOINT_HOUR,
    "Data through the endpoint": prices.ENDPOINT_GB,
    "Route 53 private hosted zone": prices.HOSTED_ZONE_MONTH,
    "Route 53 Profiles": prices.PROFILE_HOUR,
    "Route 53 Resolver inbound endpoint": prices.RESOLVER_HOUR,
    "Flow logs of a new VPC": prices.FLOW_LOGS_GB,
    "KMS key": prices.KEY_MONTH,
    "First and second rotation of the key": prices.ROTATION_MONTH,
    "Secret with an API key": prices.SECRET_MONTH,
}


def price_table() -> str:
    """Return one row for each price."""
    return table(
        ("Item", "USD", "Per", "Source"),
        [(item, str(each.usd or "unknown"), each.per, str(each.source)) for item, each in _WORDS.items()],
    )


BLOCKS: Final = {"prices": price_table}
