"""Reading hosted zones, Route 53 Profiles and the inbound resolver before a deployment."""

from typing import Any, Final

from pinekeep.account.reads.answers import outputs_of
from pinekeep.account.reads.live import Unreadable
from pinekeep.model.facts import quotas
from pinekeep.model.naming import Output
from pinekeep.operations.preflight.inventory import PERMISSIONS
from pinekeep.operations.preflight.reader import RESOLVER_PAGE, NetworkReads, filter_of

_PROFILES_PAGE: Final = {"PaginationConfig": {"PageSize": 100}}
_RECORDS_PAGE: Final = {"PaginationConfig": {"PageSize": 300}}


class DnsReads(NetworkReads):
    """What is read of a deployment whose DNS is more than the endpoint's own."""

    # --- Hosted zones and Profiles ---

    def _adopted_zone(self) -> Any:
        zone_id = self._link.hosted_zone_id if self._link else None
        return self._ask("adopted_zone", Id=zone_id) if zone_id else None

    def _adopted_zone_records(self) -> Any:
        if self._link is None or not isinstance(self.read("adopted_zone"), dict):
            return None
        zone_id = self._link.hosted_zone_id
        return self._all("adopted_zone_records", "ResourceRecordSets", HostedZoneId=zone_id, **_RECORDS_PAGE)

    def _adopted_profile(self) -> Any:
        profile_id = self._link.profile_id if self._link else None
        return self._ask("adopted_profile", "Profile", ProfileId=profile_id) if profile_id else None

    def _profile_associations(self) -> Any:
        link = self._link
        if link is None or not link.resolves or not self._vpc_ids:
            return None
        if not self._makes_endpoint and link.dns != "profile":
            return None
        found = self._all("profile_associations", "ProfileAssociations", **_PROFILES_PAGE)
        return [each for each in found if each.get("ResourceId") in self._vpc_ids] if isinstance(found, list) else found

    def _profile_zones(self) -> Any:
        associations = self.read("profile_associations")
        if isinstance(associations, Unreadable):
            return associations
        ids = [str(each["ProfileId"]) for each in associations or []]
        if isinstance(self.read("adopted_profile"), dict):
            ids.append(str(self.read("adopted_profile")["Id"]))
        found = {each: self._zones_of_profile(each) for each in dict.fromkeys(ids)}
        closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
        return closed or found

    def _zones_of_profile(self, profile_id: str) -> Any:
        found = self._all("profile_zones", "ProfileResourceAssociations", ProfileId=profile_id, **_PROFILES_PAGE)
        if not isinstance(found, list):
            return found or []
        ids = [str(each["ResourceArn"]).rpartition("/")[2] for each in found if ":hostedzone/" in each["ResourceArn"]]
        return [{"Id": each, "Name": self._zone_name(each)} for each in ids]

    def _zone_name(self, zone_id: str) -> str | None:
        """Return a hosted zone's name; None for one of another account, which Route 53 refuses to describe."""
        zone = self._asker.ask(self._deployment.region, PERMISSIONS["profile_zones"][0], Id=zone_id)
        return str(zone["HostedZone"]["Name"]) if isinstance(zone, dict) else None

    # --- The inbound resolver ---

    def _resolver_subnets(self) -> Any:
        resolver = self._link.resolver if self._link else None
        if resolver is None or not resolver.subnet_ids:
            return None
        return self._ask("resolver_subnets", "Subnets", Filters=[filter_of("subnet-id", resolver.subnet_ids)])

    @property
    def _makes_resolver(self) -> bool:
        stack = self.read("private_link_stack")
        there = isinstance(stack, dict) and Output.RESOLVER_ENDPOINT_ID in outputs_of(stack)
        return self._link is not None and self._link.resolver is not None and not there

    def _resolver_count(self) -> Any:
        return self._count("resolver_count", "ResolverEndpoints", **RESOLVER_PAGE) if self._makes_resolver else None

    def _resolver_quota(self) -> Any:
        return self._quota("resolver_quota", quotas.RESOLVER_ENDPOINTS) if self._makes_resolver else None
