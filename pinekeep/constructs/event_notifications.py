"""EventBridge rules that notify of what happens to a key, its role, the endpoint and the audit bucket."""

from aws_cdk import aws_events as events
from constructs import Construct

from pinekeep.constructs.props import Props
from pinekeep.model.monitoring.messages import Transformer, slack, text
from pinekeep.model.monitoring.notices import Subject
from pinekeep.model.monitoring.rules import Rule, rule_name, rules
from pinekeep.model.monitoring.watched import Watched
from pinekeep.model.naming import event_rules


class EventNotifications(Construct):
    """One rule for each message, in the Region of what is watched.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        watched: what is watched.
        topic_arn: the topic that gets messages as text.
        slack_topic_arn: the topic of a :class:`~pinekeep.constructs.SlackChannel`.
        dead_letter_queue_arn: the ARN of a :class:`~pinekeep.constructs.DeadLetterQueue`.

    Attributes:
        rules: the rules, by their names.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        watched: Watched,
        topic_arn: str,
        dead_letter_queue_arn: str,
        slack_topic_arn: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(watched=watched, topic_arn=topic_arn, dead_letter_queue_arn=dead_letter_queue_arn)
        names = event_rules(watched.deployment)
        why = f"EventBridge has one rule of a name on a bus, and {names} begins the names of these"
        props.claim("watched", watched.deployment, why=why, hint="give this one another deployment")
        super().__init__(scope, construct_id)
        self._watched, self._queue_arn = watched, dead_letter_queue_arn
        self.rules = {
            rule_name(watched.deployment, rule.id): self._add_rule(rule, topic_arn, slack_topic_arn)
            for rule in rules(watched)
        }

    def _add_rule(self, rule: Rule, topic_arn: str, slack_topic_arn: str | None) -> events.CfnRule:
        watched = self._watched
        targets = [self._target("Topic", topic_arn, text(rule.notice, watched))]
        if slack_topic_arn is not None:
            targets.append(self._target("Slack", slack_topic_arn, slack(rule.notice, watched)))
        all_events = rule.all_management_events
        return events.CfnRule(
            self,
            "".join(word.capitalize() for word in rule.id.split("-")),
            name=rule_name(watched.deployment, rule.id),
            description=_description(rule, watched),
            event_pattern=rule.pattern,
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if all_events else "ENABLED",
            targets=targets,
        )

    def _target(self, id_: str, arn: str, transformer: Transformer) -> events.CfnRule.TargetProperty:
        return events.CfnRule.TargetProperty(
            id=id_,
            arn=arn,
            input_transformer=events.CfnRule.InputTransformerProperty(
                input_paths_map=transformer.paths, input_template=transformer.template
            ),
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._queue_arn),
        )


def _description(rule: Rule, watched: Watched) -> str:
    """Return the description of a rule. It changes when an endpoint is replaced, so that the rule is updated."""
    generations = watched.network.generations if watched.network and rule.notice.subject == Subject.NETWORK else ()
    which = "" if tuple(generations) in ((), (1,)) else f" (endpoint {' and '.join(map(str, generations))})"
    return f"{watched.deployment}: {rule.notice.title}{which}"
