"""Reads of what leads clients to the endpoint besides its own DNS and zone: bridge, Profile, inbound resolver, IPv6."""

from functools import partial
from typing import Any

from pinekeep.account.reads.answers import output_of, part
from pinekeep.account.reads.permissions import permission_of
from pinekeep.account.reads.private_link import NetworkReader
from pinekeep.model.naming import Output


class DnsTargetReader(NetworkReader):
    """Reads the resources that only some DNS modes have. Each is found by the stack's output."""

    def _output(self, output: Output, *, wanted: bool) -> Any:
        """Return an output of the stack where the deployment has what it names; an unreadable stack as it is."""
        return output_of(self.read("private_link_stack"), output) if wanted else None

    # --- The bridge ---

    def _bridge(self) -> Any:
        link = self._deployment.private_link
        return self._output(Output.BRIDGE_ZONE_ID, wanted=link is not None and link.dns_bridge)

    def _bridge_zone(self) -> Any:
        zone_id = self._bridge()
        return self._ask("bridge_zone", Id=zone_id) if isinstance(zone_id, str) else zone_id

    def _bridge_records(self) -> Any:
        zone_id = self._bridge()
        if not isinstance(zone_id, str):
            return zone_id

        def of_bridge(_: str, **asked: str) -> Any:
            return self._ask("bridge_records", HostedZoneId=zone_id, **asked)

        return self.all_records(of_bridge)

    # --- The Profile ---

    def _of_profile(self, field: str, name: str) -> Any:
        link = self._deployment.private_link
        profile_id = self._output(Output.PROFILE_ID, wanted=link is not None and link.dns == "profile")
        if not isinstance(profile_id, str):
            return profile_id
        return self.each_page(permission_of(field), name, ProfileId=profile_id)

    def _profile_resources(self) -> Any:
        return self._of_profile("profile_resources", "ProfileResourceAssociations")

    def _profile_vpcs(self) -> Any:
        return self._of_profile("profile_vpcs", "ProfileAssociations")

    # --- The inbound resolver ---

    def _resolver_id(self) -> Any:
        link = self._deployment.private_link
        return self._output(Output.RESOLVER_ENDPOINT_ID, wanted=link is not None and link.resolver is not None)

    def _resolver(self) -> Any:
        resolver_id = self._resolver_id()
        if not isinstance(resolver_id, str):
            return resolver_id
        return part(self._ask("resolver", ResolverEndpointId=resolver_id), "ResolverEndpoint")

    def _resolver_addresses(self) -> Any:
        resolver_id = self._resolver_id()
        if not isinstance(resolver_id, str):
            return resolver_id
        ask = partial(self.each_page, permission_of("resolver_addresses"), "IpAddresses")
        return ask(ResolverEndpointId=resolver_id)

    def _resolver_groups(self) -> Any:
        resolver = self.read("resolver")
        if not isinstance(resolver, dict):
            return resolver
        ids = list(resolver.get("SecurityGroupIds") or [])
        return part(self._ask("resolver_groups", GroupIds=ids), "SecurityGroups") if ids else []

    # --- IPv6 ---

    def _endpoint_interfaces(self) -> Any:
        link, endpoint = self._deployment.private_link, self.read("endpoint")
        if link is None or link.ip_address_type != "dualstack" or not isinstance(endpoint, dict):
            return None
        ids = list(endpoint.get("NetworkInterfaceIds") or [])
        return part(self._ask("endpoint_interfaces", NetworkInterfaceIds=ids), "NetworkInterfaces") if ids else []
