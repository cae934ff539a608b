"""Service Quotas: the quotas that this project reads, and those of StackSets, which are kept."""

from typing import Any, Final

from pinekeep.emulator.extensions.json_services import Call, RefusedError, register
from pinekeep.model.facts import quotas

Document = dict[str, Any]

CLOUDFORMATION: Final = "cloudformation"
INSTANCES: Final = "Stack instances per stack set"
STACK_SETS: Final = "Stack sets per administrator account"
# AWS's defaults: "CloudFormation quotas", CloudFormation User Guide, read 2026-11-30.
_DEFAULTS: Final = {INSTANCES: 100_000, STACK_SETS: 1_000}

applied: dict[str, int] = {}
"""Quotas of StackSets with another value than AWS's default, for all accounts."""


def limit(name: str) -> int:
    """Return the value of a quota of StackSets."""
    return applied.get(name, _DEFAULTS[name])


def service_quotas() -> None:
    """Gap: Service Quotas is missing. AWS returns an account's quota: here, AWS's default.

    Lists are provided for CloudFormation alone.
    """
    calls: dict[str, Call] = {
        "GetServiceQuota": _get,
        "ListServiceQuotas": lambda asked: _listed(asked, {name: limit(name) for name in _DEFAULTS}),
        "ListAWSDefaultServiceQuotas": lambda asked: _listed(asked, _DEFAULTS),
    }
    register("servicequotas", "ServiceQuotasV20190624", calls)


def _get(asked: Document) -> Document:
    known = {(each.service, each.code): each for each in quotas.ALL}
    found = known[asked["ServiceCode"], asked["QuotaCode"]]
    return {"Quota": {"ServiceCode": found.service, "QuotaCode": found.code, "Value": float(found.default)}}


def _listed(asked: Document, values: dict[str, int]) -> Document:
    service = asked["ServiceCode"]
    if service != CLOUDFORMATION:
        raise RefusedError("NoSuchResourceException", f"The embedded AWS lists no quotas of {service}")
    return {
        "Quotas": [
            {"ServiceCode": service, "ServiceName": "AWS CloudFormation", "QuotaName": name, "Value": float(value)}
            for name, value in values.items()
        ]
    }
