"""What the policies mean before and after, as decisions."""

from typing import Any

from pinekeep.plan.changes import Action, Change
from pinekeep.plan.meaning import LiveAccess, Templates, meaning
from pinekeep.plan.state import deployed_state
from pinekeep.plan.subject import Meaning
from pinekeep.policies.key import key_policy, root_statement
from pinekeep.policies.trust import trust_policy
from tests.plan.subjects import DEPLOYMENT, EXTERNAL_ID, KEY_ARN, NAME, ROLE_ARN, change

PINECONE = "740000000001"
ROLE = "pinekeep-search"
OUTPUTS = {"RoleArn": ROLE_ARN, "KeyArn": KEY_ARN, "ExternalId": EXTERNAL_ID}
EVERYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TRUST = change("AWS::IAM::Role", Action.MODIFY, "AssumeRolePolicyDocument")
KEY = change("AWS::KMS::Key", Action.MODIFY, "KeyPolicy")


def trust(*regions: str, external_id: str = EXTERNAL_ID) -> dict[str, Any]:
    return trust_policy(pinecone_account=PINECONE, regions=regions or ("us-east-1",), external_id=external_id)


def template(*, role: dict[str, Any] | None = None, key: dict[str, Any] | None = None) -> dict[str, Any]:
    own = key or key_policy(account="111122223333", administrators=[], role=ROLE_ARN)
    return {
        "Resources": {
            "Thing": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": ROLE, "AssumeRolePolicyDocument": role or trust()},
            },
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": own}},
        }
    }


def compared(
    planned: dict[str, Any], *changes: Change, last: dict[str, Any] | None = None, live: Any = None, **options: Any
) -> Meaning:
    last = last or template()
    return meaning(
        NAME,
        DEPLOYMENT,
        pinecone_account=PINECONE,
        templates=Templates(last=last, planned=planned),
        live=live or LiveAccess(),
        before=deployed_state(cmek=last, link=None, outputs=OUTPUTS),
        changes=changes,
        **options,
    )


def with_everyone() -> LiveAccess:
    return LiveAccess(trust={ROLE: {**trust(), "Statement": [*trust()["Statement"], EVERYONE]}})


def test_where_nothing_changes_nobody_gains_or_loses() -> None:
    assert compared(template()) == Meaning()


def test_of_a_first_deployment_it_is_told_who_can_do_what() -> None:
    found = meaning(
        NAME,
        DEPLOYMENT,
        pinecone_account=PINECONE,
        templates=Templates(last=None, planned=template()),
        live=LiveAccess(),
        before=None,
        changes=(),
    )
    assert [each.partition(":")[0] for each in found.first] == [
        "Pinecone's access role of us-east-1 can now assume the role pinekeep-search with the agreed external ID",
        "the role pinekeep-search can now use the key",
        "the role pinekeep-search can now make grants on the key for AWS services",
    ]
    assert found.access == ()


def test_a_region_that_is_let_in_no_more_is_dropped() -> None:
    found = compared(template(), TRUST, last=template(role=trust("us-east-1", "us-west-2")))
    assert found.dropped == ("Pinecone's access role of us-west-2",)
    assert "can no longer assume the role" in found.access[0]


def test_a_region_that_keeps_its_way_in_with_another_external_id_is_not_dropped() -> None:
    other = EXTERNAL_ID.replace("3f2b8a54", "4f2b8a54")
    assert compared(template(role=trust(external_id=other)), TRUST).dropped == ("Pinecone's access role of us-east-1",)
    agreed = DEPLOYMENT.model_copy(
        update={
            "cmek": DEPLOYMENT.cmek.model_copy(  # type: ignore[union-attr]
                update={"trust": DEPLOYMENT.cmek.trust.model_copy(update={"external_id": other})}  # type: ignore[union-attr]
            )
        }
    )
    found = meaning(
        NAME,
        agreed,
        pinecone_account=PINECONE,
        templates=Templates(last=template(), planned=template(role=trust(external_id=other))),
        live=LiveAccess(),
        before=deployed_state(cmek=template(), link=None, outputs=OUTPUTS),
        changes=(TRUST,),
    )
    assert found.dropped == ()


def test_a_key_policy_that_names_the_role_no_more_forgets_it() -> None:
    without = {"Version": "2012-10-17", "Statement": [root_statement("111122223333")]}
    found = compared(template(key=without), KEY)
    assert found.forgotten == (ROLE,)


def test_what_the_change_set_does_not_touch_stays_as_somebody_made_it() -> None:
    found = compared(template(), live=with_everyone())
    assert found.access == ()
    assert any("a stranger's role" in each for each in found.drift)


def test_what_the_change_set_writes_anew_ends_the_drift() -> None:
    found = compared(template(), TRUST, live=with_everyone())
    assert found.drift == ()
    assert any("can no longer assume the role" in each for each in found.access)


def test_drift_that_is_to_be_undone_is_undone() -> None:
    found = compared(template(), live=with_everyone(), reverts_drift=True)
    assert found.drift == ()
    assert found.access != ()


def test_a_role_that_is_gone_is_told() -> None:
    found = compared(template(), live=LiveAccess(trust={ROLE: None}))
    assert found.drift == ("there is no role pinekeep-search any more",)


def test_what_cannot_be_decided_is_said() -> None:
    nothing = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
    found = compared(template(), last=nothing, live=LiveAccess(unreadable=("the key policy could not be read",)))
    assert found.unknown == (
        "the key policy could not be read",
        "who gains or loses access could not be decided: the template has no role",
    )


def test_administrators_who_may_replicate_a_multi_region_key_from_now_on_are_told_of() -> None:
    administrator = "arn:aws:iam::111122223333:role/KeyAdmin"
    was, becomes = (
        template(
            key=key_policy(
                account="111122223333", administrators=[administrator], role=ROLE_ARN, multi_region=multi_region
            )
        )
        for multi_region in (False, True)
    )
    assert compared(becomes, KEY, last=becomes).access == ()
    (gain,) = compared(becomes, KEY, last=was).access
    assert "ReplicateKey" in gain
    assert "KeyAdmin" in gain


def test_clients_by_prefix_list_are_told_among_the_others() -> None:
    group = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16"}, {"SourcePrefixListId": "pl-0a1b2c3d4e5f60718"}]
        },
    }
    state = deployed_state(cmek=None, link={"Resources": {"Group": group}}, outputs={})
    assert state.clients == ("10.0.0.0/16", "pl-0a1b2c3d4e5f60718")
