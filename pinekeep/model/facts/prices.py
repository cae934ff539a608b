"""List prices of AWS in us-east-1, in US dollars, each with its source and date. Other Regions have other prices.

Pages were read as stored copies. A price that was not found is None: it is said to be unknown, never guessed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from pinekeep.model.facts.source import Source

REGION: Final = "us-east-1"
HOURS_A_MONTH: Final = 730
"""The hours of an average month, as AWS's own pricing examples count them."""

_SITE: Final = "aws.amazon.com"
_CHECKED: Final = date(2026, 11, 30)

PRIVATELINK_PAGE: Final = Source("AWS PrivateLink pricing", _SITE, _CHECKED, "/privatelink/pricing")
"""The stored copy has the data tiers and how hours are billed, not the price of an hour."""
ENDPOINT_HOUR_PAGE: Final = Source("AWS PrivateLink Cost Analysis", "awsnegotiations.com", _CHECKED)
"""An article of May 2026 with the price of an endpoint hour, which AWS's page fills in by Region."""
ROUTE_53_PAGE: Final = Source("Amazon Route 53 pricing", _SITE, _CHECKED, "/route53/pricing")
"""Read in a transcription of 20 September 2026."""
KMS_PAGE: Final = Source("AWS Key Management Service pricing", _SITE, _CHECKED, "/kms/pricing")
CLOUDWATCH_PAGE: Final = Source("Amazon CloudWatch pricing", _SITE, _CHECKED, "/cloudwatch/pricing")
"""No stored copy has the price of delivered logs."""
SECRETS_MANAGER_PAGE: Final = Source("AWS Parameter Store vs Secrets Manager", "techoral.com", _CHECKED)
"""An article: no stored copy of AWS's page was found."""
S3_REQUESTS_PAGE: Final = Source("S3 request fees explained", "c3x.dev", _CHECKED, "/blog/s3-request-fees-explained")
"""An article: no stored copy of AWS's page has the prices of requests."""
ATHENA_PAGE: Final = Source("AWS Athena Pricing Model", "kindatechnical.com", _CHECKED)
"""An article, which agrees with athena.guide on the price of scanned data."""

ALARM_PAGE: Final = Source("aws_cloudwatch_metric_alarm cost estimation", "c3x.dev", _CHECKED)
"""An article: no stored copy of AWS's page has the price of an alarm."""
S3_PAGE: Final = Source("Amazon S3 pricing", _SITE, _CHECKED, "/s3/pricing")
"""The stored copy has no prices; they are filled in by Region."""
EVENTBRIDGE_PAGE: Final = Source("Amazon EventBridge pricing", _SITE, _CHECKED, "/eventbridge/pricing")
"""No stored copy was found."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one unit. ``usd``: None where it is not known. ``per``: the unit, such as ``hour`` or ``GB``."""

    usd: Decimal | None
    per: str
    source: Source


ENDPOINT_HOUR: Final = Price(usd=Decimal("0.01"), per="hour and Availability Zone", source=ENDPOINT_HOUR_PAGE)
"""From creation until deletion, whatever the state of the connection; a part of an hour counts as a whole one."""
ENDPOINT_GB: Final = Price(usd=Decimal("0.01"), per="GB", source=PRIVATELINK_PAGE)
"""In both directions, up to 1 PB a month of all interface endpoints of a Region; then 0.006, from 5 PB on 0.004."""
KEY_MONTH: Final = Price(usd=Decimal(1), per="key and month", source=KMS_PAGE)
"""Each replica of a multi-Region key is a key. Nothing while its deletion is scheduled."""
ROTATION_MONTH: Final = Price(usd=Decimal(1), per="rotated key material and month", source=KMS_PAGE)
"""For the first and the second rotation; later ones add nothing (since 2024)."""
HOSTED_ZONE_MONTH: Final = Price(usd=Decimal("0.50"), per="hosted zone and month", source=ROUTE_53_PAGE)
"""The first 25 of an account; then 0.10."""
RESOLVER_HOUR: Final = Price(usd=Decimal("0.125"), per="hour and network interface", source=ROUTE_53_PAGE)
PROFILE_HOUR: Final = Price(usd=Decimal("0.75"), per="hour and account", source=ROUTE_53_PAGE)
"""For up to 100 associations of Profiles with VPCs, once an account; each further one 0.0014."""
FLOW_LOGS_GB: Final = Price(usd=None, per="GB", source=CLOUDWATCH_PAGE)
STORAGE_GB: Final = Price(usd=None, per="GB and month", source=S3_PAGE)
ALARM_MONTH: Final = Price(usd=Decimal("0.10"), per="alarm metric and month", source=ALARM_PAGE)
COMPOSITE_ALARM_MONTH: Final = Price(usd=Decimal("0.50"), per="composite alarm and month", source=ALARM_PAGE)
DASHBOARD_MONTH: Final = Price(usd=None, per="dashboard and month", source=CLOUDWATCH_PAGE)
"""The first three of an account cost nothing, up to 50 metrics each."""
MANAGEMENT_EVENTS: Final = Price(usd=None, per="million events", source=EVENTBRIDGE_PAGE)
SECRET_MONTH: Final = Price(usd=Decimal("0.40"), per="secret and month", source=SECRETS_MANAGER_PAGE)
S3_LIST: Final = Price(usd=Decimal("0.005"), per="1,000 requests", source=S3_REQUESTS_PAGE)
"""A request lists up to 1,000 objects."""
ATHENA_TB: Final = Price(usd=Decimal(5), per="TB scanned", source=ATHENA_PAGE)
"""At least 10 MB a query."""

ALL: Final = (
    ENDPOINT_HOUR,
    ENDPOINT_GB,
    KEY_MONTH,
    ROTATION_MONTH,
    HOSTED_ZONE_MONTH,
    RESOLVER_HOUR,
    PROFILE_HOUR,
    FLOW_LOGS_GB,
    STORAGE_GB,
    ALARM_MONTH,
    COMPOSITE_ALARM_MONTH,
    DASHBOARD_MONTH,
    MANAGEMENT_EVENTS,
    SECRET_MONTH,
    S3_LIST,
    ATHENA_TB,
)
AS_OF: Final = min(each.source.checked for each in ALL)
"""The day up to which all prices are known to hold."""
