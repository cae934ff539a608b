"""``pinekeep private-link associate``: the VPCs that no stack associates."""

from typing import TYPE_CHECKING

from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from pinekeep.operations.connectivity.association import Target


@verb("associate")
@changing_options
def command(selection: Selection, *, yes: bool, dry_run: bool) -> int:
    """Associate client VPCs of other accounts and Regions.

    For the `client_vpcs` of the file, and for the VPCs of a hosted zone that the file names. The hosted zone's account
    authorizes a VPC of another account, the VPC's account associates it, and the authorization is deleted. A Route 53
    Profile is shared through AWS RAM. Where the file gives no credentials of the VPC's account, the commands for its
    owner are printed. Existing associations stay, and none is ever removed. Exit code 3: one was refused.
    """
    from pinekeep.model.config.derived import only_part  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.connectivity.association import (  # noqa: PLC0415
        Ways,
        associations_output,
        associations_text,
        needs_associations,
        targets_of,
    )
    from pinekeep.operations.connectivity.associator import Associator  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415

    configuration, selected = selection.read()
    wanted = {name: each for name, each in selected.items() if needs_associations(each)}
    if not wanted:
        raise WrongInputError(
            "no deployment here has VPCs to associate: the stacks associate `client_vpc_ids`",
            hint="write client_vpcs or hosted_zone_id under private_link, with dns: hosted-zone or profile",
        )
    deployments = only_part(wanted, "private_link")
    access = access_to(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    with spinner("Reading the associations"):
        outputs = deployer.outputs()
        targets: list[Target] = [
            each for name, deployment in deployments.items() for each in targets_of(name, deployment, outputs[name])
        ]
        associator = Associator(Ways(deployments, access))
        found = associator.look(targets)
    to_do = [each for each in found if each.is_to_do]
    changed = False
    if to_do and not dry_run:
        log(associations_text(found))
        vpcs = ", ".join(dict.fromkeys(each.target.vpc_id for each in to_do))
        confirm(f"Associate, or authorize for their owners: {vpcs}?", yes=yes)
        before = found
        with spinner("Associating"):
            found = [associator.do(each) if each.is_to_do else each for each in found]
        changed = found != before
    output = associations_output(found, changed=changed)
    selection.write(output, lambda: write(associations_text(found), verbatim=True))
    if dry_run:
        log("nothing was changed")
    return ExitCode.AWS_REFUSED if any(each.status == "refused" for each in found) else ExitCode.FINE
