"""EventBridge rules in us-east-1 that forward the events of global services to another Region."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.constructs.dead_letter_queue import DeadLetterQueue
from pinekeep.constructs.props import Props
from pinekeep.model import naming
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.rules import forwardings, rule_name
from pinekeep.model.monitoring.watched import Watched
from pinekeep.model.policies.notifications import forwarding_permissions, forwarding_trust
from pinekeep.model.values.roles import IamPath, PolicyArn


class EventForwarding(Construct):
    """Rules that forward to the default event bus of the Region of an EventNotifications, which has their own rules.

    Args:
        scope: the construct to add this one to, in a stack of us-east-1.
        construct_id: its ID there.
        watched: what is watched, in another Region.
        permissions_boundary: the ARN of a policy beyond which the role of the rules may do nothing.
        iam_path: the path of that role, with a slash at both ends. None is IAM's default, ``/``.

    Attributes:
        rules: the rules, by their names.
        queue: a DeadLetterQueue for events that could not be forwarded.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        watched: Watched,
        permissions_boundary: str | None = None,
        iam_path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(watched=watched)
        props.require(permissions_boundary=(PolicyArn, permissions_boundary), iam_path=(IamPath, iam_path))
        if props.is_region_known and props.stack.region != aws.GLOBAL_EVENTS_REGION:
            props.refuse(
                f"env: the events of global services reach {aws.GLOBAL_EVENTS_REGION} alone, and stack "
                f"{props.stack.node.path} is in {props.stack.region}",
                f'give the stack env=Environment(region="{aws.GLOBAL_EVENTS_REGION}")',
            )
        if watched.region == aws.GLOBAL_EVENTS_REGION:
            props.refuse(
                f"watched: it is in {aws.GLOBAL_EVENTS_REGION} already, so nothing is forwarded",
                "leave this construct out",
            )
        names = naming.event_rules(watched.deployment)
        why = f"EventBridge has one rule of a name on a bus, and {names} begins the names of these"
        props.claim("watched", f"{watched.deployment}/forwarding", why=why, hint="give this one another deployment")
        super().__init__(scope, construct_id)
        stack, deployment = Stack.of(self), watched.deployment
        bus_arn = f"arn:{aws.PARTITION}:events:{watched.region}:{watched.account}:event-bus/default"
        trust = forwarding_trust(account=stack.account, region=stack.region, rules=names)
        permissions: Any = forwarding_permissions(bus_arn=bus_arn)
        role = iam.CfnRole(
            self,
            "Role",
            description=f"Forwards events of global services to {watched.region} ({deployment})",
            assume_role_policy_document=trust,
            permissions_boundary=permissions_boundary,
            path=iam_path,
        )
        iam.CfnManagedPolicy(self, "Policy", policy_document=permissions, roles=[role.ref], path=iam_path)
        self.queue = DeadLetterQueue(self, "DeadLetters")
        target = events.CfnRule.TargetProperty(
            id="Bus",
            arn=bus_arn,
            role_arn=role.attr_arn,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self.queue.queue_arn),
        )
        self.rules = {
            rule_name(deployment, each.id): events.CfnRule(
                self,
                "".join(word.capitalize() for word in each.id.split("-")),
                name=rule_name(deployment, each.id),
                description=f"{deployment}: forwards {each.what} to {watched.region}",
                event_pattern=each.pattern,
                state="ENABLED",
                targets=[target],
            )
            for each in forwardings(watched)
        }
