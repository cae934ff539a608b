"""Who deploys, and what CloudFormation may do then.

A deployment acts through the bootstrap's roles, and CloudFormation through its own. What the verbs read themselves is
not asked about here: it is read, and told where it cannot be. KMS offers a DryRun for the use of a key alone, which
nobody who deploys needs, so it is not asked.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.policies import execution_statements
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.config.bootstrap import bootstrap_of, setting_of_role
from pinekeep.model.facts.bootstrap import ASSUMED, EXECUTION
from pinekeep.operations.preflight.check import Subject, here, registry, with_existing_vpc
from pinekeep.operations.preflight.inventory import Decision
from pinekeep.operations.preflight.simulation import bootstrap_role
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, noted, passed, unreadable

_POLICY: Final = "attach the policy that `pinekeep permissions --for deploy` prints"
_ASSUME: Final = "sts:AssumeRole"
_TOLD: Final = 6

CHECKS: Final = registry(applies=here)


@CHECKS.add(
    id="deploy-permissions",
    title="Permissions of the credentials",
    wanted="these credentials can act as the bootstrap's roles",
    meaning="Without these roles the CDK command line deploys with what the credentials may do themselves, and "
    "mostly fails.",
    uses=("bootstrap", "caller_decisions", "assumable", "bootstrap_roles"),
)
def _caller(subject: Subject) -> Iterator[Verdict]:
    if subject.seen.bootstrap is None:
        return
    if subject.caller.is_root:
        yield noted(
            "they are of the account's root user, who may do everything but assume a role; the CDK continues with them",
            fix=f"deploy as a role or a user: {_POLICY}",
            meaning="Nothing limits what the root user does, and the record of it names no person.",
        )
        return
    assumable = subject.seen.assumable or {}
    if missing := [kind for kind, can in assumable.items() if not can]:
        named = ", ".join(_name(subject, kind) for kind in missing)
        fix = _under_their_path(subject, missing) or _POLICY
        yield failed(f"these credentials may not assume {named}{_why(subject, missing)}", fix=fix)
        return
    decisions = subject.seen.caller_decisions
    if isinstance(decisions, Unreadable):
        found = f"confirmed by assuming them; what else `deploy` calls is not readable without {decisions.permission}"
        yield unreadable(decisions, found=found)
        return
    if decisions is None:
        yield passed("confirmed by assuming them, because IAM does not simulate this caller")
        return
    others = [each for each in decisions if each.action != _ASSUME and not each.allowed]
    if others:
        yield noted(
            f"IAM's simulation says that these credentials may not call {_listed(others)} on "
            f"{', '.join(dict.fromkeys(_short(each) for each in others))}",
            fix=_POLICY,
            meaning="The deployment goes through, and what `deploy` does after it fails.",
        )
    lookup = bootstrap_role(subject.deployment, ASSUMED[-1])
    if any(each.resource == lookup and not each.allowed for each in decisions):
        yield noted(
            f"all but {_name(subject, ASSUMED[-1])}: the CDK warns, and reads as the deploy role in its place",
            meaning="Everything works, with a warning.",
        )
        return
    if not others:
        yield passed()


def _under_their_path(subject: Subject, kinds: list[str]) -> str | None:
    """Return how to name roles of the bootstrap that are there under another path; None where none of them is."""
    found = subject.seen.bootstrap_roles
    if not isinstance(found, Mapping):
        return None
    settings = [f'{setting_of_role(kind).partition(".")[2]}: "{found[kind]}"' for kind in kinds if kind in found]
    return f"the bootstrap's roles are under a path: write bootstrap: {{{', '.join(settings)}}}" if settings else None


def _short(decision: Decision) -> str:
    """Return the name of a stack, out of its ARN; of anything else the whole."""
    parts = decision.resource.split("/")
    return parts[1] if ":stack/" in decision.resource else decision.resource


def _why(subject: Subject, kinds: list[str]) -> str:
    decisions = subject.seen.caller_decisions
    roles = {bootstrap_role(subject.deployment, kind) for kind in kinds}
    about = [each for each in decisions if each.resource in roles] if isinstance(decisions, list) else []
    if any(each.by_organization for each in about):
        return ": the organization forbids it"
    if any(each.decision == "explicitDeny" for each in about):
        return ": a policy denies it explicitly"
    return ""


def _name(subject: Subject, kind: str) -> str:
    return bootstrap_role(subject.deployment, kind).rpartition("/")[2]


@CHECKS.add(
    id="execution-permissions",
    title="Permissions of CloudFormation's role",
    wanted="CloudFormation's role may create what the templates contain",
    meaning="CloudFormation would fail midway and roll the deployment back.",
    reads=("execution_decisions",),
    uses=("bootstrap", "bootstrap_roles"),
)
def _execution(subject: Subject) -> Iterator[Verdict]:
    """CloudFormation's role may do what the templates need, as far as IAM's simulation tells.

    It is asked without the names of resources. So an action that a narrow policy allows for the deployments' own
    resources alone is not counted as missing.
    """
    decisions = subject.seen.execution_decisions
    role = _name(subject, EXECUTION)
    if subject.seen.bootstrap is None:
        return
    if not isinstance(decisions, list):
        named = bootstrap_of(subject.deployment)
        repair = f"the bootstrap was changed by hand: repair it with {named.command}"
        if not named.is_default:
            repair = f"write the role that the account has for it under {setting_of_role(EXECUTION)}"
        fix = _under_their_path(subject, [EXECUTION]) or repair
        yield failed(f"there is no role {role}, as which CloudFormation is to act", fix=fix)
        return
    forbidden = [each for each in decisions if each.by_organization]
    denied = [each for each in decisions if each.decision == "explicitDeny" and not each.by_organization]
    anywhere = _allowed_anywhere(subject)
    told = (*forbidden, *denied)
    missing = [each for each in decisions if not each.allowed and each not in told and each.action in anywhere]
    whys = {"the organization forbids": forbidden, "a policy denies": denied, "no policy allows": missing}
    for what, few in whys.items():
        if few:
            yield noted(
                f"{what} {role} to call {_listed(few)}, according to IAM's simulation",
                fix="compare its policies with `pinekeep permissions --for execution`; a simulation does not know all "
                "that a policy may ask for, so this may be right as it is",
            )
    if forbidden or denied or missing:
        return
    scoped = sum(not each.allowed for each in decisions)
    limited = f"; {scoped} of them for resources that its policies name" if scoped else ""
    yield passed(f"{role} may call the {len(decisions)} actions that are needed{limited}")


def _allowed_anywhere(subject: Subject) -> set[str]:
    """Return the actions that no policy can limit to resources: those that ours allow for all of them."""
    scope = Scope(subject.account, {subject.name: subject.deployment})
    return {
        action
        for each in execution_statements(scope)
        if each["Effect"] == "Allow"
        and each["Resource"] == ["*"]
        and set(each.get("Condition", {})) <= {"StringEquals"}
        for action in each["Action"]
    }


def _listed(decisions: list[Decision]) -> str:
    return first([each.action for each in decisions], _TOLD, separator=", ")


@CHECKS.add(
    id="endpoint-organization",
    title="The endpoint and the organization",
    wanted="nothing forbidden by the organization",
    meaning="An organization may allow endpoints to some services only; CloudFormation would roll the deployment back.",
    uses=("endpoint_dry_run",),
    applies=with_existing_vpc,
    blocks=False,
)
def _organization(subject: Subject) -> Verdict | None:
    heard = subject.seen.endpoint_dry_run
    if heard is None:
        return None
    if heard.outcome == "forbidden":
        return noted(
            f"a policy of the organization forbids these credentials to make the endpoint: {heard.said}",
            fix="unless it spares CloudFormation's role, the deployment fails and is undone: ask its owners, and look "
            "for conditions such as ec2:VpceServiceOwner",
        )
    if heard.outcome == "refused":
        return noted(
            f"EC2 would refuse the endpoint: {heard.said}",
            fix="see what else is found about the VPC, its subnets and the endpoint service",
        )
    if heard.outcome == "denied":
        return Verdict(
            status="unreadable",
            found="EC2 lets these credentials make no endpoint, so a dry run does not tell what the organization "
            "forbids",
            fix="nothing: CloudFormation's role makes the endpoint. Credentials that may call "
            "ec2:CreateVpcEndpoint hear more",
        )
    return passed()
