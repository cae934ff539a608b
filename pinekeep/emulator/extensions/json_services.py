"""Services that the emulator does not support at all, in the calls that are made here."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.core import router
from ministack.core.responses import AccountRegionScopedDict, get_account_id

from pinekeep.emulator.extensions.patching import new_id
from pinekeep.model.facts import quotas

Document = dict[str, Any]
Call = Callable[[Document], Document]
_HEADERS: Final = {"Content-Type": "application/x-amz-json-1.1"}


def resolver_rules() -> None:
    """Gap: Route 53 Resolver is missing: rules and associations with VPCs. The one filter here is `VPCId`."""
    rules, associations = AccountRegionScopedDict(), AccountRegionScopedDict()

    def create(asked: Document) -> Document:
        rule = {
            "Id": new_id("rslvr-rr"),
            "Name": asked.get("Name", ""),
            "DomainName": f"{asked['DomainName'].rstrip('.')}.",
            "RuleType": asked["RuleType"],
            "TargetIps": asked.get("TargetIps") or [],
            "Status": "COMPLETE",
            "OwnerId": get_account_id(),
        }
        rules[rule["Id"]] = rule
        return {"ResolverRule": rule}

    def associate(asked: Document) -> Document:
        association = {
            "Id": new_id("rslvr-rrassoc"),
            "ResolverRuleId": asked["ResolverRuleId"],
            "VPCId": asked["VPCId"],
            "Status": "COMPLETE",
        }
        associations[association["Id"]] = association
        return {"ResolverRuleAssociation": association}

    def disassociate(asked: Document) -> Document:
        wanted = (asked["ResolverRuleId"], asked["VPCId"])
        found = next(each for each in associations.values() if (each["ResolverRuleId"], each["VPCId"]) == wanted)
        del associations[found["Id"]]
        return {"ResolverRuleAssociation": {**found, "Status": "DELETING"}}

    def list_associations(asked: Document) -> Document:
        vpcs = [value for each in asked.get("Filters") or [] if each["Name"] == "VPCId" for value in each["Values"]]
        found = [each for each in associations.values() if not vpcs or each["VPCId"] in vpcs]
        return {"ResolverRuleAssociations": found, "MaxResults": 100}

    _register(
        "route53resolver",
        "Route53Resolver",
        {
            "CreateResolverRule": create,
            "AssociateResolverRule": associate,
            "DisassociateResolverRule": disassociate,
            "ListResolverRules": lambda _: {"ResolverRules": list(rules.values()), "MaxResults": 100},
            "ListResolverRuleAssociations": list_associations,
        },
    )


def service_quotas() -> None:
    """Gap: Service Quotas is missing. AWS returns an account's quota: here, AWS's default."""

    def get(asked: Document) -> Document:
        known = {(each.service, each.code): each for each in quotas.ALL}
        found = known[asked["ServiceCode"], asked["QuotaCode"]]
        return {"Quota": {"ServiceCode": found.service, "QuotaCode": found.code, "Value": float(found.default)}}

    _register("servicequotas", "ServiceQuotasV20190624", {"GetServiceQuota": get})


def _register(service: str, prefix: str, calls: Mapping[str, Call]) -> None:
    """Route requests with a service's target to its calls."""
    from ministack import app  # noqa: PLC0415 - starts as much as it imports

    app.SERVICE_HANDLERS[service] = _handler(calls)
    router.SERVICE_PATTERNS[service] = {"target_prefixes": [f"{prefix}."]}


def _handler(calls: Mapping[str, Call]) -> Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]]:
    async def handle(
        method: str,  # noqa: ARG001 - the emulator's signature
        path: str,  # noqa: ARG001
        headers: Mapping[str, str],
        body: bytes,
        query_params: object,  # noqa: ARG001
    ) -> tuple[int, dict[str, str], bytes]:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation not in calls:
            refusal = {"__type": "UnknownOperationException", "message": f"Unknown operation: {operation}"}
            return 400, dict(_HEADERS), json.dumps(refusal).encode()
        return 200, dict(_HEADERS), json.dumps(calls[operation](json.loads(body or b"{}"))).encode()

    return handle
