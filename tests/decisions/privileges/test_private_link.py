"""The policy for ``private-link``: what the deployments have, and no more."""

from typing import Any

from tests.decisions.privileges.support import NEW_VPC, OLD_VPC, actions_in, deployment, documents, link


def resources(sid: str, **link_: Any) -> list[str]:
    (policy,) = documents("private-link", {"search": deployment(private_link=link_)})
    return [each for statement in policy["Statement"] if statement["Sid"] == sid for each in statement["Resource"]]


def test_flow_logs_are_those_of_the_deployments_own_vpc() -> None:
    (group,) = resources("ReadFlowLogs", **link(NEW_VPC))
    assert group == "arn:aws:logs:us-east-1:111122223333:log-group:Pinekeep-search-PrivateL*"


def test_the_flow_logs_of_an_existing_vpc_may_be_in_any_group_of_the_region() -> None:
    assert resources("ReadFlowLogs", **link(OLD_VPC)) == ["arn:aws:logs:us-east-1:111122223333:log-group:*"]


def test_resolver_endpoints_are_read_where_there_is_one() -> None:
    assert resources("ReadResolverEndpoints", **link(OLD_VPC)) == []
    inbound = {**link(OLD_VPC, "resolver-inbound"), "resolver": {"client_cidrs": ["10.9.0.0/16"]}}
    assert resources("ReadResolverEndpoints", **inbound) == [
        "arn:aws:route53resolver:us-east-1:111122223333:resolver-endpoint/*"
    ]


def test_nothing_is_written() -> None:
    actions = actions_in(documents("private-link", {"search": deployment(private_link=link(OLD_VPC))}))
    assert all(each.partition(":")[2].startswith(("Describe", "List", "Filter")) for each in actions)
