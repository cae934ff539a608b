"""Looking at associations of either kind, and making them."""

from collections.abc import Sequence

from pinekeep.operations.connectivity.association import Association, Target, Ways
from pinekeep.operations.connectivity.profile_association import associate_with_profile, look_at_profiles
from pinekeep.operations.connectivity.zone_association import associate_with_zone, look_at_zones


class Associator:
    """Associations with hosted zones and Route 53 Profiles."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def look(self, targets: Sequence[Target]) -> list[Association]:
        """Return the state of associations, in order. Reads only.

        Raises WrongInputError if a hosted zone or Profile does not exist or is another one; AwsRefusedError if AWS
        refuses to show it.
        """
        zones = iter(look_at_zones([each for each in targets if each.kind == "hosted-zone"], self._ways))
        profiles = iter(look_at_profiles([each for each in targets if each.kind == "profile"], self._ways))
        return [next(zones if each.kind == "hosted-zone" else profiles) for each in targets]

    def do(self, association: Association) -> Association:
        """Do what is to do about an association; return it as it is then. A refusal is reported in it."""
        do = associate_with_zone if association.target.kind == "hosted-zone" else associate_with_profile
        return do(association, self._ways)
