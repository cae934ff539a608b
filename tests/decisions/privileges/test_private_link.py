"""The policy for ``private-link``: what the deployments have, and no more."""

from typing import Any

from pinekeep.decisions.privileges import policies_for
from tests.decisions.privileges.support import (
    ACCOUNT,
    CLIENT_VPC,
    NEW_VPC,
    OLD_VPC,
    ZONE,
    actions_in,
    allowed,
    call,
    deployment,
    documents,
    link,
)


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


OTHER = "444455556666"
ZONE_ARN, VPC_ARN = f"arn:aws:route53:::hostedzone/{ZONE}", f"arn:aws:ec2:us-east-1:{OTHER}:vpc/{CLIENT_VPC}"


def with_clients(dns: str, **more: Any) -> dict[str, Any]:
    client = {"id": CLIENT_VPC, "account": OTHER, "assume_role": f"arn:aws:iam::{OTHER}:role/associator"}
    return {"search": deployment(private_link={**link(OLD_VPC, dns), "client_vpcs": [client], **more})}


def test_a_client_vpc_of_another_account_is_authorized_here_and_associated_there() -> None:
    own, theirs = policies_for("private-link", with_clients("hosted-zone"))
    assert (own.account, theirs.account, theirs.name) == (ACCOUNT, OTHER, "pinekeep-private-link-client-vpcs")
    authorize = call("route53:CreateVPCAssociationAuthorization", ZONE_ARN, VPC_ARN)
    associate = call("route53:AssociateVPCWithHostedZone", ZONE_ARN, VPC_ARN)
    assert allowed([own.document], authorize)
    assert allowed([own.document], call("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/associator"))
    assert not allowed([own.document], call("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/other"))
    assert allowed([theirs.document], associate)
    assert not allowed([theirs.document], authorize)
    assert not allowed([theirs.document], call("route53:AssociateVPCWithHostedZone", ZONE_ARN, VPC_ARN + "0"))
    assert not any(each.startswith("ram:") for each in actions_in([own.document, theirs.document]))


def test_a_profile_is_shared_here_and_accepted_there() -> None:
    own, theirs = policies_for("private-link", with_clients("profile"))
    assert {"ram:CreateResourceShare", "route53profiles:PutProfilePolicy"} <= actions_in([own.document])
    assert "route53:CreateVPCAssociationAuthorization" not in actions_in([own.document])
    invitation = f"arn:aws:ram:us-east-1:{ACCOUNT}:resource-share-invitation/x"
    assert allowed([theirs.document], call("ram:AcceptResourceShareInvitation", invitation))
    assert not allowed([theirs.document], call("ram:AcceptResourceShareInvitation", invitation.replace(ACCOUNT, OTHER)))
    profile = f"arn:aws:route53profiles:us-east-1:{ACCOUNT}:profile/rp-1"
    assert allowed([theirs.document], call("route53profiles:AssociateProfile", profile))
    assert "route53:AssociateVPCWithHostedZone" not in actions_in([theirs.document])


def test_nothing_is_ever_disassociated() -> None:
    for dns in ("hosted-zone", "profile"):
        for each in policies_for("private-link", with_clients(dns, hosted_zone_id=ZONE)):
            assert not any("Disassociate" in action for action in actions_in([each.document]))
