"""The rules by which changes are classified, as data.

The first of :data:`RESOURCE_RULES` that matches a change, or a property that changes, is taken; the last matches
everything. :data:`COMPARISONS` look at a deployment as a whole.
"""

from functools import partial
from typing import Final

from pinekeep.account.record.handover import Value
from pinekeep.operations.plan import comparisons
from pinekeep.operations.plan.changes import Action
from pinekeep.operations.plan.monitoring_rules import MONITORING_RULES
from pinekeep.operations.plan.rules import (
    ANY_CHANGE,
    Comparison,
    Kind,
    ResourceRule,
    Rule,
    changes,
    removed_or_replaced,
)
from pinekeep.operations.plan.state import ALIAS_TYPE, ENDPOINT_TYPE, GROUP_TYPE, KEY_TYPE, ROLE_TYPE
from pinekeep.operations.plan.storage_rules import STORAGE_COMPARISONS, STORAGE_RULES

KEY_LOST: Final = "key-lost"
KEY_REMOVED: Final = "key-removed"

_SAFE, _ATTENTION, _, _BREAKS, _DESTROYS = Kind
_LOST_KEY: Final = "Pinecone accepts no other key for the project; without this one its data is unreadable"
_LOST_ROLE: Final = "Pinecone knows the role by its ARN and cannot be given another for the project"
_LOST_ALIAS: Final = "the alias shows people which key this is; a key without one is easily deleted by mistake"
_LOST_ENDPOINT: Final = (
    "Pinecone knows the endpoint by its ID: clients are cut off until another is registered with the project"
)
_UNRESOLVED: Final = "clients that cannot resolve Pinecone's private names cannot connect"
_DISCONNECTED: Final = "clients that are no longer allowed lose their connections to Pinecone"
_REPLACE: Final = (
    "leave `generation` as it is and write another number under `standby`: that creates the new endpoint beside it; "
    "register it in Pinecone, then `pinekeep handoff --record --deployment {name}`, then exchange the two numbers"
)
_REGISTER_FIRST: Final = (
    "register it in Pinecone while it is the `standby`, then: pinekeep handoff --record --deployment {name}; if it is "
    "gone, create another one under a number that was not used yet"
)
_RETIRE: Final = "record that it is retired, then deploy: pinekeep destroy --deployment {name}"
_LEAVE_OUT: Final = (
    "leave its number out of `generation` and `standby` under `private_link`, then deploy again; a number that was not "
    "used yet creates another endpoint"
)
_STEP_BY_STEP: Final = (
    "change `dns` in steps, with `dns_bridge: true` in between: docs/private-link.md has the steps of every change; "
    "if the clients of {name} no longer need this DNS, write dns_moved: true under private_link"
)
_REGISTER_THEN_RECORD: Final = "register it in Pinecone, then: `pinekeep handoff --record`"


_must_stay = partial(removed_or_replaced, _DESTROYS, part="cmek")

# A table: two or three lines a rule.
# fmt: off
RESOURCE_RULES: Final[tuple[ResourceRule, ...]] = (
    *STORAGE_RULES,
    *MONITORING_RULES,
    *_must_stay("key", "the KMS key", _LOST_KEY, (KEY_TYPE, "AWS::KMS::ReplicaKey")),
    *_must_stay("role", "the role that Pinecone assumes", _LOST_ROLE, (ROLE_TYPE,)),
    *_must_stay("alias", "the key's alias", _LOST_ALIAS, (ALIAS_TYPE,)),
    changes("key-nature", _DESTROYS, "the key spec, usage or origin changes, or whether it is a multi-Region key",
        "a key cannot become that, CloudFormation fails the update; another key would have to take its place",
        KEY_TYPE, "KeySpec", "KeyUsage", "Origin", "MultiRegion"),
    *removed_or_replaced(_BREAKS, "endpoint", "the interface endpoint", _LOST_ENDPOINT, (ENDPOINT_TYPE,),
        remedy=_REPLACE, of_endpoint=True, spare=False),
    changes("key-switched-on", _ATTENTION, "the key is enabled",
        "Pinecone can use it again; if `pinekeep revoke` disabled it, use `pinekeep restore` instead",
        KEY_TYPE, "Enabled", after="true"),
    changes("key-switched-off", _BREAKS, "the key is disabled, or may be",
        "while the key is disabled Pinecone can neither read nor write", KEY_TYPE, "Enabled"),
    ResourceRule("role-made-again", _ATTENTION, "a deleted role is created again",
        "it keeps its ARN and gets another unique ID: the policies that name it are written again",
        types=(ROLE_TYPE,), actions=(Action.ADD,), lost=True),
    ResourceRule("made-again", _ATTENTION, "a resource that was deleted outside of CloudFormation is created again",
        "find out who or what deleted it", actions=(Action.ADD,), lost=True),
    ResourceRule(
        "synced", _SAFE, "a resource already matches the template", "the stack records that; the resource is unchanged",
        actions=(Action.SYNC,)),
    ResourceRule("permissions", _ATTENTION, "a permissions policy changes",
        "it grants the role what the key policy does not",
        types=("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"),
        actions=ANY_CHANGE, part="cmek", existing_stack=True),
    ResourceRule("dns", _ATTENTION, "the private hosted zone or its record changes", _UNRESOLVED,
        types=("AWS::Route53::HostedZone", "AWS::Route53::RecordSet"), actions=ANY_CHANGE, existing_stack=True),
    *removed_or_replaced(_ATTENTION, "spare-endpoint", "an endpoint that serves no clients",
        "if Pinecone has it registered, remove it there too, then: `pinekeep handoff --record`",
        (ENDPOINT_TYPE,), spare=True),
    ResourceRule("removed", _ATTENTION, "a resource is removed from its stack", "check that nothing needs it",
        actions=(Action.REMOVE,)),
    ResourceRule("replaced", _ATTENTION, "a resource is replaced, or may be",
        "it gets another ID; references from outside the stack break", replaced=True),
    ResourceRule("made", _SAFE, "a resource is created, or imported into the stack", "existing resources are unchanged",
        actions=(Action.ADD, Action.IMPORT)),
    changes("trust-policy", _ATTENTION, "the trust policy changes",
        "it defines who may assume the role; the effect is reported as decisions",
        ROLE_TYPE, "AssumeRolePolicyDocument", part="cmek"),
    changes("key-policy", _ATTENTION, "the key policy changes",
        "it defines who may use and administer the key; the effect is reported as decisions", KEY_TYPE, "KeyPolicy"),
    changes("rotation", _ATTENTION, "the rotation of the key changes",
        "the key's ARN stays, and Pinecone is unaffected; your own rules for keys may require a period",
        KEY_TYPE, "EnableKeyRotation", "RotationPeriodInDays"),
    changes("boundary", _ATTENTION, "the permissions boundary of a role changes", "it limits what the role may do",
        ROLE_TYPE, "PermissionsBoundary"),
    ResourceRule("clients", _ATTENTION, "the security group of the endpoint changes", _DISCONNECTED,
        types=(GROUP_TYPE, "AWS::EC2::SecurityGroupIngress"),
        properties=("SecurityGroupIngress", "CidrIp", "SourceSecurityGroupId", "FromPort", "ToPort", "IpProtocol")),
    changes("endpoint-dns", _ATTENTION, "the endpoint's private DNS name is turned on or off", _UNRESOLVED,
        ENDPOINT_TYPE, "PrivateDnsEnabled"),
    changes("endpoint-network", _ATTENTION, "the endpoint's subnets or security groups change",
        "connections through a removed subnet are cut; the endpoint's ID stays",
        ENDPOINT_TYPE, "SubnetIds", "SecurityGroupIds"),
    ResourceRule("retention", _ATTENTION, "the deletion policy of a resource changes",
        "key, role and alias must stay whatever happens to the stack",
        properties=("DeletionPolicy", "UpdateReplacePolicy")),
    ResourceRule("labels", _SAFE, "tags, descriptions or other metadata change", "they grant and deny no access",
        properties=(
            "Tags", "HostedZoneTags", "HostedZoneConfig", "Description", "Metadata", "CreationPolicy", "UpdatePolicy",
        )),
    changes("deletion-window", _SAFE, "the waiting period before a deletion of the key changes",
        "nothing is deleted; within that period a requested deletion can be cancelled",
        KEY_TYPE, "PendingWindowInDays"),
    ResourceRule("other", _ATTENTION, "another property changes", "no rule knows it: review it yourself",
        actions=tuple(Action)),
)
"""In the order in which they are tried."""

COMPARISONS: Final[tuple[Comparison, ...]] = (
    *STORAGE_COMPARISONS,
    Comparison(KEY_LOST, _DESTROYS, "the key is gone or pending deletion, and would be replaced by another", _LOST_KEY,
        find=comparisons.lost_key),
    Comparison("record-differs", _BREAKS, "a value that Pinecone was given changes",
        "according to the record of the handover; Pinecone keeps the value it was given and would lose the data",
        find=comparisons.record_differs),
    Comparison("role-arn", _BREAKS, "the role's ARN changes", _LOST_ROLE,
        find=partial(comparisons.changed, Value.ROLE_ARN)),
    Comparison("key-arn", _BREAKS, "the key's ARN changes", _LOST_KEY,
        find=partial(comparisons.changed, Value.KEY_ARN)),
    Comparison("external-id", _BREAKS, "the external ID is changed, added or removed",
        "Pinecone always presents the external ID that it was given; with another one it is refused",
        find=partial(comparisons.changed, Value.EXTERNAL_ID)),
    Comparison("pinecone-account", _BREAKS, "another Pinecone account is trusted",
        "Pinecone assumes the role from the account for which it was handed over, and would be refused",
        find=comparisons.pinecone_account),
    Comparison("trust-region", _BREAKS, "a Pinecone access role can no longer assume the role",
        "indexes in its region can neither be read nor written",
        find=lambda subject: (
            f"{each} could no longer assume the role with the external ID that it was given"
            for each in subject.meaning.dropped
        )),
    Comparison("key-use", _BREAKS, "the role can no longer use the key",
        "Pinecone assumes the role, and cannot encrypt or decrypt with it",
        find=lambda subject: (f"the role {each} could no longer use the key" for each in subject.meaning.forgotten)),
    Comparison("renamed", _BREAKS, "the deployment exists already under another name",
        "Pinecone keeps the role and the key that it was given; with new ones its data is unreadable",
        find=comparisons.renamed),
    Comparison("moved", _BREAKS, "the deployment exists already in another Region",
        "Pinecone keeps the key that it was given; with a new one its data is unreadable", find=comparisons.moved),
    Comparison("endpoint-in-use", _BREAKS, "the registered endpoint is deleted while it serves clients", _LOST_ENDPOINT,
        _REPLACE, of_endpoint=True, find=comparisons.endpoint_in_use),
    Comparison("endpoint-not-registered", _BREAKS, "clients are directed to an endpoint that Pinecone does not know",
        "Pinecone refuses connections through an endpoint that is not registered with the project",
        _REGISTER_FIRST, of_endpoint=True, find=comparisons.endpoint_not_registered),
    Comparison("endpoint-name-taken", _BREAKS, "two endpoints would have the private DNS name at once",
        "EC2 allows that to one endpoint of a VPC; CloudFormation rolls the deployment back",
        _REPLACE, of_endpoint=True, fails=True, find=comparisons.endpoint_name_taken),
    Comparison("resolution-conflict", _BREAKS, "the private DNS name is enabled beside the private hosted zone",
        "a VPC takes one private zone of a name; CloudFormation rolls the deployment back",
        _STEP_BY_STEP, of_endpoint=True, fails=True, find=comparisons.resolution_conflict),
    Comparison("resolution-lost", _BREAKS, "clients lose the resolution of Pinecone's private names", _UNRESOLVED,
        _STEP_BY_STEP, of_endpoint=True, find=comparisons.resolution_lost),
    Comparison("resolution-moved", _ATTENTION, "the stack no longer resolves Pinecone's private names for clients",
        "according to `dns_moved`, they no longer need it; remove `dns_moved` after the deployment",
        find=comparisons.resolution_moved),
    Comparison("endpoint-gone-changed", _BREAKS, "an endpoint that is gone would be changed",
        "EC2 no longer knows it; CloudFormation rolls the deployment back",
        _LEAVE_OUT, of_endpoint=True, fails=True, find=comparisons.endpoint_gone_changed),
    Comparison("endpoint-elsewhere", _BREAKS, "an endpoint is created beside a registered one that is not in the stack",
        "clients may still use the registered one", _RETIRE, of_endpoint=True, find=comparisons.endpoint_elsewhere),
    Comparison("endpoint-gone", _ATTENTION, "an endpoint is gone",
        "a deployment does not recreate it: write another `generation` under `private_link`, deploy, register the new "
        "endpoint in Pinecone, then: `pinekeep handoff --record`",
        find=comparisons.endpoint_gone),
    Comparison("endpoint-made", _ATTENTION, "another endpoint is created", _REGISTER_THEN_RECORD,
        find=comparisons.endpoint_made),
    Comparison("endpoint-unrecorded", _ATTENTION, "the endpoint that serves clients is not recorded as registered",
        _REGISTER_THEN_RECORD, find=comparisons.endpoint_unrecorded),
    Comparison("recorded-already-gone", _ATTENTION,
        "a live value is not the one that Pinecone was given, and this deployment does not change it",
        "according to the record of the handover; Pinecone may be cut off now: run `pinekeep verify`",
        find=comparisons.already_gone),
    Comparison("brought-back", _ATTENTION, "a value that Pinecone was given is restored",
        "according to the record of the handover", find=comparisons.brought_back),
    Comparison("key-state", _ATTENTION, "the key is not enabled",
        "Pinecone can neither read nor write until it is; a deployment does not change that",
        find=lambda subject: (f"the key is in state {each}" for each in filter(None, [subject.key_state]))),
    Comparison("access", _ATTENTION, "a principal gains or loses access",
        "decided from the live policies and the planned ones, as AWS combines them",
        find=lambda subject: (*subject.meaning.access, *subject.meaning.first)),
    Comparison("administrators", _ATTENTION, "the key administrators change",
        "they can change the key policy, disable the key and delete it", find=comparisons.administrators),
    Comparison("customer-keys", _ATTENTION, "the customers' keys that a role may use change",
        "Pinecone loses the data of a customer whose key the role may no longer use", find=comparisons.customer_keys),
    Comparison("client-list", _ATTENTION, "the clients of the endpoint change", _DISCONNECTED,
        find=comparisons.clients),
    Comparison("drift", _ATTENTION, "access was changed outside of CloudFormation",
        "a deployment does not undo it: `pinekeep deploy --revert-drift` does",
        find=lambda subject: subject.meaning.drift),
    Comparison("grants", _ATTENTION, "a grant on the key gives access that no policy does",
        "no deployment ends a grant, nor does `--revert-drift`", find=lambda subject: subject.meaning.grants),
    Comparison(
        "left-alone", _ATTENTION, "a stack exists that is no longer in the file", "a deployment does not change it",
        find=lambda subject: (f"stack {each} stays as it is" for each in subject.left_alone)),
    Comparison("unnamed", _ATTENTION, "another deployment exists that this file does not name",
        "if it is this one under an earlier name, Pinecone keeps its role and key: change the name back",
        find=comparisons.unnamed),
    Comparison("not-compared", _ATTENTION, "something could not be compared", "a change of it is not reported here",
        find=lambda subject: subject.meaning.unknown),
)
"""In the order in which they are reported."""

RULES: Final[tuple[Rule, ...]] = (*COMPARISONS, *RESOURCE_RULES)
