"""How to see that a private endpoint works, once it is registered in Pinecone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.resolvers import inbound_addresses
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.config.private_link import PrivateLink
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import Output
from pinekeep.model.output.handoff import AfterwardsOutput


def after_registration(
    name: str, deployment: Deployment, outputs: Mapping[str, str], *, resolver_addresses: Sequence[str] = ()
) -> AfterwardsOutput:
    """Return the steps after the registration of a deployment's endpoint.

    ``outputs``: of its stack. ``resolver_addresses``: of its inbound resolver, as far as they are known. Raises
    ValueError if the deployment has no endpoint.
    """
    link = deployment.private_link
    if link is None:
        raise ValueError(f"deployment {name} has no private_link")
    steps = [
        *_dns(name, link, private_zone_of(deployment), outputs, resolver_addresses),
        "On a client: pinekeep private-link check --host INDEX_HOST. INDEX_HOST is the host of an index of the "
        "project; the check derives its private name, and names the step that fails.",
        f"In the account: pinekeep verify --deployment {name}",
        f'Then turn on "{pinecone.RESTRICT_ACCESS}", if you want it: first, pinekeep private-link callers shows who '
        f"still connects over the internet. {pinecone.ACCESS_CONSOLE_PATH}",
    ]
    return AfterwardsOutput(deployment=name, title="See that the private endpoint works", steps=steps)


def _dns(
    name: str, link: PrivateLink, zone: str, outputs: Mapping[str, str], resolver_addresses: Sequence[str]
) -> Iterator[str]:
    """Yield what somebody else still has to do for the names to resolve."""
    forwarding = f"pinekeep private-link forwarding --deployment {name}"
    if link.dns == "none":
        target = outputs.get(Output.VPC_ENDPOINT_DNS_NAME) or (
            "the regional DNS name of the endpoint, the first of its DNS entries in the VPC console"
        )
        yield f"In your own DNS: a CNAME record *.{zone} that leads to {target}. {forwarding} prints it for DNS servers"
    if link.resolver is not None:
        addresses = ", ".join(resolver_addresses) or "the addresses of the inbound resolver"
        yield f"On DNS servers outside AWS: forward {zone} to {addresses}. {forwarding} prints the rules"
    if link.client_vpcs:
        yield f"For client VPCs of other accounts or Regions: pinekeep private-link associate --deployment {name}"


def resolver_addresses(
    deployments: Mapping[str, Deployment], outputs: Mapping[str, Mapping[str, str]], *, access: Access
) -> dict[str, list[str]]:
    """Return the addresses of the deployments' inbound resolvers; none where AWS refuses the call. It is one for each.

    ``outputs``: of the deployments' stacks.
    """
    found: dict[str, list[str]] = {}
    for name, each in deployments.items():
        resolver = outputs[name].get(Output.RESOLVER_ENDPOINT_ID)
        if each.private_link is not None and each.private_link.resolver is not None and resolver:
            with suppress(AwsRefusedError):
                found[name] = inbound_addresses(access.clients_for(each), resolver)
    return found
