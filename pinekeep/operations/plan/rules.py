"""The rules by which changes are sorted, as data.

A row of :data:`ROWS` is about one resource, or one thing in it: the first that fits is taken, and the last fits
everything, so that no change goes unsaid. The :data:`COMPARISONS` are about a deployment as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from pinekeep.model import naming
from pinekeep.operations.plan import comparisons, endpoint_comparisons
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.endpoint import ENDPOINT_TYPE, is_spare
from pinekeep.operations.plan.kinds import Kind
from pinekeep.operations.plan.state import ALIAS_TYPE, GROUP_TYPE, KEY_TYPE, ROLE_TYPE
from pinekeep.operations.plan.subject import Subject

_LOST_KEY: Final = "Pinecone can be given no other key for the project; without this one its data cannot be read"
_LOST_ROLE: Final = "Pinecone knows the role by its ARN and cannot be given another for the project"
_LOST_ALIAS: Final = "the alias shows people which key this is; without it the key is the easiest one to delete"
_LOST_ENDPOINT: Final = (
    "Pinecone knows the endpoint by its ID: clients are cut off until another is registered with the project"
)
_REPLACE: Final = (
    "leave `generation` as it is and write another number under `standby`: that makes the new endpoint beside it; "
    "register it in Pinecone, then `pinekeep handoff --record --deployment {name}`, then exchange the two numbers"
)
_REGISTER_FIRST: Final = (
    "register it in Pinecone while it is the `standby`, then: pinekeep handoff --record --deployment {name}; where it "
    "is gone, make another one under a number that was not used yet"
)
_RETIRE: Final = "note that it is retired, then deploy: pinekeep destroy --deployment {name}"
_REGISTER_THEN_RECORD: Final = "register it in Pinecone, then: `pinekeep handoff --record`"
_ZONE_TYPES: Final = ("AWS::Route53::HostedZone", "AWS::Route53::RecordSet")
_POLICY_TYPES: Final = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy")
_ANY: Final = ("*",)
KEY_LOST: Final = "key-lost"
KEY_REMOVED: Final = "key-removed"
_MADE: Final = (Action.ADD, Action.IMPORT)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule says of itself, for people and for the docs.

    Attributes:
        id: its stable name.
        kind: what the change is.
        title: what it is about.
        why: why that matters.
        way: what to do instead, for whoever is refused; ``{name}`` stands for the deployment's name. None where that
            is to change the file back.
        of_endpoint: whether it is about the endpoint, which Pinecone can be given anew.
        fails: whether AWS would refuse it, so that nobody can accept it.
    """

    id: str
    kind: Kind
    title: str
    why: str
    way: str | None = None
    of_endpoint: bool = False
    fails: bool = False


@dataclass(frozen=True, kw_only=True)
class Row(Rule):
    """A rule about one resource, or one thing in it.

    Attributes:
        types: the types of resources, as patterns.
        replaced: whether another may take the resource's place; None where that does not matter.
        things: the properties, or attributes such as ``Tags``, that change; empty for the resource as a whole.
        cmek_only: whether it is about the stack of role and key alone.
        once_deployed: whether it is about a stack alone that is there already.
        lost: whether it is about resources alone that were deleted behind the stack's back.
        after: the value that a property gets; None where that does not matter.
        spare: whether it is about an endpoint that serves nobody: one on standby or one that is gone. None where that
            does not matter.
    """

    types: tuple[str, ...] = _ANY
    actions: tuple[Action, ...]
    replaced: bool | None = None
    things: tuple[str, ...] = ()
    cmek_only: bool = False
    once_deployed: bool = False
    lost: bool = False
    after: str | None = None
    spare: bool | None = None

    def fits(self, subject: Subject, change: Change, detail: PropertyChange | None) -> bool:
        """Whether the rule is about a change, or about one thing that changes in a resource."""
        if self.things and (detail is None or not {detail.name, detail.attribute} & set(self.things)):
            return False
        if self.after is not None and (detail is None or detail.after != self.after):
            return False
        return (
            change.action in self.actions
            and any(fnmatchcase(change.type, each) for each in self.types)
            and self.replaced in (None, change.replacement is not Replacement.NEVER)
            and (not self.cmek_only or change.stack == naming.cmek_stack(subject.name))
            and (not self.once_deployed or change.stack in subject.existing)
            and (not self.lost or change.lost)
            and self.spare in (None, _is_spare(subject, change))
        )


@dataclass(frozen=True, kw_only=True)
class Comparison(Rule):
    """A rule about a deployment as it is and as it would be.

    Attributes:
        find: yields, for each thing found, what is so.
    """

    find: Callable[[Subject], Iterable[str]]


def _is_spare(subject: Subject, change: Change) -> bool:
    standby = subject.before.endpoints.standby if subject.before is not None else None
    return is_spare(change, standby=standby, gone=subject.gone_endpoints)


def _removed_and_replaced(
    thing: str, what: str, why: str, *types: str, kind: Kind = Kind.DESTROYS, **more: Any
) -> Iterator[Row]:
    """Yield the two rules for a thing that must stay what it is."""
    cmek_only = kind is Kind.DESTROYS
    yield Row(
        id=f"{thing}-removed",
        kind=kind,
        title=f"{what} is taken out of its stack",
        why=why,
        types=types,
        actions=(Action.REMOVE,),
        cmek_only=cmek_only,
        **more,
    )
    yield Row(
        id=f"{thing}-replaced",
        kind=kind,
        title=f"another takes the place of {what}",
        why=why,
        types=types,
        actions=(Action.MODIFY, Action.DYNAMIC),
        replaced=True,
        cmek_only=cmek_only,
        **more,
    )


_MODIFIED: Final = (Action.MODIFY, Action.DYNAMIC)

ROWS: Final[tuple[Row, ...]] = (
    *_removed_and_replaced("key", "the KMS key", _LOST_KEY, KEY_TYPE, "AWS::KMS::ReplicaKey"),
    *_removed_and_replaced("role", "the role that Pinecone assumes", _LOST_ROLE, ROLE_TYPE),
    *_removed_and_replaced("alias", "the key's alias", _LOST_ALIAS, ALIAS_TYPE),
    Row(
        id="key-nature",
        kind=Kind.DESTROYS,
        title="what the key is changes: its spec, its usage, its origin, or whether it is a multi-Region key",
        why="a key cannot become that, CloudFormation fails the update; another key would have to take its place",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("KeySpec", "KeyUsage", "Origin", "MultiRegion"),
    ),
    *_removed_and_replaced(
        "endpoint",
        "the interface endpoint",
        _LOST_ENDPOINT,
        ENDPOINT_TYPE,
        kind=Kind.BREAKS,
        way=_REPLACE,
        of_endpoint=True,
        spare=False,
    ),
    Row(
        id="key-switched-on",
        kind=Kind.ATTENTION,
        title="the key is enabled again",
        why="Pinecone can use it again; where `pinekeep revoke` disabled it, `pinekeep restore` is the way back",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("Enabled",),
        after="true",
    ),
    Row(
        id="key-switched-off",
        kind=Kind.BREAKS,
        title="whether the key is enabled changes",
        why="while the key is disabled Pinecone can read and write nothing",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("Enabled",),
    ),
    Row(
        id="role-made-again",
        kind=Kind.ATTENTION,
        title="a role that was deleted is made again",
        why="its ARN is the same, its unique ID is not: the policies that name it are put again",
        types=(ROLE_TYPE,),
        actions=(Action.ADD,),
        lost=True,
    ),
    Row(
        id="made-again",
        kind=Kind.ATTENTION,
        title="a resource that was deleted behind the stack's back is made again",
        why="somebody or something deleted it: see that it does not happen again",
        actions=(Action.ADD,),
        lost=True,
    ),
    Row(
        id="synced",
        kind=Kind.SAFE,
        title="a resource is already as the template says",
        why="the stack notes it, and nothing of the resource is touched",
        actions=(Action.SYNC,),
    ),
    Row(
        id="permissions",
        kind=Kind.ATTENTION,
        title="a permissions policy changes",
        why="what the role may do besides what the key policy lets it changes with it",
        types=_POLICY_TYPES,
        actions=(Action.ADD, *_MODIFIED, Action.REMOVE),
        cmek_only=True,
        once_deployed=True,
    ),
    Row(
        id="dns",
        kind=Kind.ATTENTION,
        title="the private hosted zone or its record changes",
        why="clients that cannot resolve Pinecone's private names cannot connect",
        types=_ZONE_TYPES,
        actions=(Action.ADD, *_MODIFIED, Action.REMOVE),
        once_deployed=True,
    ),
    *_removed_and_replaced(
        "spare-endpoint",
        "an endpoint that serves no clients",
        "where Pinecone has it registered, remove it there too, then: `pinekeep handoff --record`",
        ENDPOINT_TYPE,
        kind=Kind.ATTENTION,
        spare=True,
    ),
    Row(
        id="removed",
        kind=Kind.ATTENTION,
        title="a resource is taken out of its stack",
        why="see that nothing needs it",
        actions=(Action.REMOVE,),
    ),
    Row(
        id="replaced",
        kind=Kind.ATTENTION,
        title="another takes the place of a resource, or may",
        why="it gets another ID, and whatever refers to it from outside the stack loses it",
        actions=_MODIFIED,
        replaced=True,
    ),
    Row(
        id="made",
        kind=Kind.SAFE,
        title="a resource is made, or taken into the stack",
        why="nothing that is there is touched",
        actions=_MADE,
    ),
    Row(
        id="trust-policy",
        kind=Kind.ATTENTION,
        title="the trust policy changes",
        why="it says who may assume the role; what that comes to is told as decisions",
        types=(ROLE_TYPE,),
        actions=_MODIFIED,
        things=("AssumeRolePolicyDocument",),
        cmek_only=True,
    ),
    Row(
        id="key-policy",
        kind=Kind.ATTENTION,
        title="the key policy changes",
        why="it says who may use and administer the key; what that comes to is told as decisions",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("KeyPolicy",),
    ),
    Row(
        id="rotation",
        kind=Kind.ATTENTION,
        title="the rotation of the key changes",
        why="the key's ARN stays, and Pinecone notices nothing; your rules for keys may ask for a period",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("EnableKeyRotation", "RotationPeriodInDays"),
    ),
    Row(
        id="boundary",
        kind=Kind.ATTENTION,
        title="the permissions boundary of a role changes",
        why="it limits what the role may do",
        types=(ROLE_TYPE,),
        actions=_MODIFIED,
        things=("PermissionsBoundary",),
    ),
    Row(
        id="clients",
        kind=Kind.ATTENTION,
        title="who may reach the endpoint changes",
        why="clients that are not let in any more lose their connections to Pinecone",
        types=(GROUP_TYPE, "AWS::EC2::SecurityGroupIngress"),
        actions=_MODIFIED,
        things=("SecurityGroupIngress", "CidrIp", "SourceSecurityGroupId", "FromPort", "ToPort", "IpProtocol"),
    ),
    Row(
        id="endpoint-dns",
        kind=Kind.ATTENTION,
        title="the endpoint's private DNS name is switched on or off",
        why="clients that cannot resolve Pinecone's private names cannot connect",
        types=(ENDPOINT_TYPE,),
        actions=_MODIFIED,
        things=("PrivateDnsEnabled",),
    ),
    Row(
        id="endpoint-network",
        kind=Kind.ATTENTION,
        title="the endpoint's subnets or security groups change",
        why="connections through a subnet that is taken away are cut; the endpoint's ID stays",
        types=(ENDPOINT_TYPE,),
        actions=_MODIFIED,
        things=("SubnetIds", "SecurityGroupIds"),
    ),
    Row(
        id="retention",
        kind=Kind.ATTENTION,
        title="whether a resource stays when it leaves its stack changes",
        why="key, role and alias must stay whatever happens to the stack",
        actions=_MODIFIED,
        things=("DeletionPolicy", "UpdateReplacePolicy"),
    ),
    Row(
        id="labels",
        kind=Kind.SAFE,
        title="tags, descriptions and the like change",
        why="they let nobody in and keep nobody out",
        actions=_MODIFIED,
        things=(
            "Tags",
            "HostedZoneTags",
            "HostedZoneConfig",
            "Description",
            "Metadata",
            "CreationPolicy",
            "UpdatePolicy",
        ),
    ),
    Row(
        id="deletion-window",
        kind=Kind.SAFE,
        title="how long a deletion of the key would wait changes",
        why="nothing is deleted; it is the time to think better of it, should somebody ask for a deletion",
        types=(KEY_TYPE,),
        actions=_MODIFIED,
        things=("PendingWindowInDays",),
    ),
    Row(
        id="other",
        kind=Kind.ATTENTION,
        title="something else changes",
        why="no rule knows it: look at it yourself",
        actions=tuple(Action),
    ),
)
"""In the order in which they are tried."""

COMPARISONS: Final[tuple[Comparison, ...]] = (
    Comparison(
        id=KEY_LOST,
        kind=Kind.DESTROYS,
        title="the key is gone or waits for its deletion, and another would be made in its place",
        why=_LOST_KEY,
        find=comparisons.lost_key,
    ),
    Comparison(
        id="record-differs",
        kind=Kind.BREAKS,
        title="what Pinecone was given would be so no more",
        why="the record of the handover says so; Pinecone keeps what it was given and would lose the data",
        find=comparisons.record_differs,
    ),
    Comparison(
        id="role-arn",
        kind=Kind.BREAKS,
        title="the role's ARN changes",
        why=_LOST_ROLE,
        find=comparisons.role_arn,
    ),
    Comparison(
        id="key-arn",
        kind=Kind.BREAKS,
        title="the key's ARN changes",
        why=_LOST_KEY,
        find=comparisons.key_arn,
    ),
    Comparison(
        id="external-id",
        kind=Kind.BREAKS,
        title="the external ID changes, or whether there is one",
        why="Pinecone presents the external ID that it was given, for good; with another one it is refused",
        find=comparisons.external_id,
    ),
    Comparison(
        id="pinecone-account",
        kind=Kind.BREAKS,
        title="another account of Pinecone's is trusted",
        why="Pinecone assumes the role from the account that it was handed over for; from that one it is refused",
        find=comparisons.pinecone_account,
    ),
    Comparison(
        id="trust-region",
        kind=Kind.BREAKS,
        title="an access role of Pinecone's can assume the role no more",
        why="indexes in its region can read and write nothing",
        find=comparisons.dropped_regions,
    ),
    Comparison(
        id="key-use",
        kind=Kind.BREAKS,
        title="the role can use the key no more",
        why="Pinecone assumes the role, and cannot encrypt or decrypt with it",
        find=comparisons.forgotten_roles,
    ),
    Comparison(
        id="renamed",
        kind=Kind.BREAKS,
        title="the deployment is there already under another name",
        why="Pinecone keeps the role and the key that it was given; with the new ones its data cannot be read",
        find=comparisons.renamed,
    ),
    Comparison(
        id="moved",
        kind=Kind.BREAKS,
        title="the deployment is there already in another Region",
        why="Pinecone keeps the key that it was given; with the new one its data cannot be read",
        find=comparisons.moved,
    ),
    Comparison(
        id="endpoint-in-use",
        kind=Kind.BREAKS,
        title="the registered endpoint goes away while it serves clients",
        why=_LOST_ENDPOINT,
        way=_REPLACE,
        of_endpoint=True,
        find=endpoint_comparisons.in_use,
    ),
    Comparison(
        id="endpoint-not-registered",
        kind=Kind.BREAKS,
        title="clients are led to an endpoint that Pinecone does not know",
        why="Pinecone refuses what comes through an endpoint that is not registered with the project",
        way=_REGISTER_FIRST,
        of_endpoint=True,
        find=endpoint_comparisons.not_registered,
    ),
    Comparison(
        id="endpoint-name-taken",
        kind=Kind.BREAKS,
        title="two endpoints would have the private DNS name at once",
        why="EC2 lets one endpoint of a VPC have it, and CloudFormation undoes the deployment",
        way=_REPLACE,
        of_endpoint=True,
        fails=True,
        find=endpoint_comparisons.name_taken,
    ),
    Comparison(
        id="endpoint-gone-changed",
        kind=Kind.BREAKS,
        title="an endpoint that is gone would be changed",
        why="EC2 does not know it any more, and CloudFormation undoes the deployment",
        way="leave its number out of `generation` and `standby` under `private_link`, then deploy again; a number that "
        "was not used yet makes another endpoint",
        of_endpoint=True,
        fails=True,
        find=endpoint_comparisons.gone_changed,
    ),
    Comparison(
        id="endpoint-elsewhere",
        kind=Kind.BREAKS,
        title="another endpoint is made beside a registered one that the stack does not have",
        why="clients may still use the registered one",
        way=_RETIRE,
        of_endpoint=True,
        find=endpoint_comparisons.elsewhere,
    ),
    Comparison(
        id="endpoint-gone",
        kind=Kind.ATTENTION,
        title="an endpoint is gone",
        why="an endpoint that is gone does not come back: write another `generation` under `private_link`, deploy, "
        "register the new endpoint in Pinecone, then: `pinekeep handoff --record`",
        find=endpoint_comparisons.gone,
    ),
    Comparison(
        id="endpoint-made",
        kind=Kind.ATTENTION,
        title="another endpoint is made",
        why=_REGISTER_THEN_RECORD,
        find=endpoint_comparisons.made_anew,
    ),
    Comparison(
        id="endpoint-unrecorded",
        kind=Kind.ATTENTION,
        title="the endpoint that serves clients is not recorded as registered",
        why=_REGISTER_THEN_RECORD,
        find=endpoint_comparisons.unrecorded,
    ),
    Comparison(
        id="recorded-already-gone",
        kind=Kind.ATTENTION,
        title="what is live is not what Pinecone was given, and this deployment leaves it so",
        why="the record of the handover says so; Pinecone may be cut off now: `pinekeep verify` tells more",
        find=comparisons.already_gone,
    ),
    Comparison(
        id="brought-back",
        kind=Kind.ATTENTION,
        title="what Pinecone was given is brought back",
        why="the record of the handover says what it was",
        find=comparisons.brought_back,
    ),
    Comparison(
        id="key-state",
        kind=Kind.ATTENTION,
        title="the key is not enabled",
        why="Pinecone can read and write nothing until it is; a deployment does not change that",
        find=comparisons.key_state,
    ),
    Comparison(
        id="access",
        kind=Kind.ATTENTION,
        title="somebody gains or loses access",
        why="decided from the live policies and those that would be, as AWS combines them",
        find=comparisons.access,
    ),
    Comparison(
        id="administrators",
        kind=Kind.ATTENTION,
        title="the key administrators change",
        why="they can change the key policy, disable the key and delete it",
        find=comparisons.administrators,
    ),
    Comparison(
        id="customer-keys",
        kind=Kind.ATTENTION,
        title="the customers' keys that a role may use change",
        why="Pinecone loses the data of a customer whose key the role may not use any more",
        find=comparisons.customer_keys,
    ),
    Comparison(
        id="client-list",
        kind=Kind.ATTENTION,
        title="the clients of the endpoint change",
        why="clients that are not let in any more lose their connections to Pinecone",
        find=comparisons.clients,
    ),
    Comparison(
        id="drift",
        kind=Kind.ATTENTION,
        title="somebody changed access behind the stack's back",
        why="a deployment does not undo it: `pinekeep deploy --revert-drift` does",
        find=comparisons.drift,
    ),
    Comparison(
        id="grants",
        kind=Kind.ATTENTION,
        title="a grant on the key lets in somebody whom no policy does",
        why="no deployment ends a grant, nor does `--revert-drift`",
        find=comparisons.grants,
    ),
    Comparison(
        id="left-alone",
        kind=Kind.ATTENTION,
        title="a stack is there that the file does not have any more",
        why="a deployment leaves it as it is",
        find=comparisons.left_alone,
    ),
    Comparison(
        id="unnamed",
        kind=Kind.ATTENTION,
        title="another deployment is there that this file does not name",
        why="if it is this one under an earlier name, Pinecone keeps its role and key: change the name back",
        find=comparisons.unnamed,
    ),
    Comparison(
        id="not-compared",
        kind=Kind.ATTENTION,
        title="something could not be compared",
        why="it may change, or have changed, without a word here",
        find=comparisons.not_compared,
    ),
)
"""In the order in which they are told."""

RULES: Final[tuple[Rule, ...]] = (*COMPARISONS, *ROWS)
