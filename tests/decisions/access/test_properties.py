"""What holds of the table whatever the configuration, and however a policy is written."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.principals import Kind
from pinekeep.decisions.access.requests import Group
from pinekeep.model.facts import pinecone
from tests.decisions.access.worlds import ACCOUNT, Document, effects, table, with_key, world

FEW = settings(max_examples=25, deadline=None)

external_ids = st.one_of(st.none(), st.uuids(version=4).map(str))
region_choices = st.one_of(
    st.just("all"), st.lists(st.sampled_from(pinecone.REGIONS), min_size=1, unique=True).map(tuple)
)
administrator_lists = st.lists(
    st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,20}", fullmatch=True).map(lambda name: f"arn:aws:iam::{ACCOUNT}:role/{name}"),
    max_size=3,
    unique_by=str.lower,
)


@st.composite
def worlds(draw: st.DrawFn) -> PolicySet:
    return world(
        regions=draw(region_choices),
        external_id=draw(external_ids),
        form=draw(st.sampled_from(["documented", "account-root"])),
        administrators=draw(administrator_lists),
    )


@FEW
@given(worlds())
def test_only_the_agreed_access_roles_assume_the_role_and_only_with_the_agreed_id(policies: PolicySet) -> None:
    found = table(policies)
    role = policies.roles[0].id
    agreed = policies.agreed
    for row in found.place(role, Group.ASSUME):
        region = row.principal.id.removeprefix("pinecone/")
        trusted = row.principal.kind is Kind.PINECONE_REGION and (agreed.regions == "all" or region in agreed.regions)
        presented = row.request.context["sts:externalid"]
        expected = trusted and agreed.external_id in (None, presented)
        assert (row.decision.effect is Effect.ALLOW) == expected, (row.principal.id, row.request.name)


@FEW
@given(worlds())
def test_the_role_never_administers_and_the_root_user_always_can(policies: PolicySet) -> None:
    found = table(policies)
    for group in (Group.ADMINISTER, Group.DELETE, Group.READ, Group.GRANTS):
        assert policies.roles[0].id not in {who.id for who in found.can("key", group)}
    for group in (Group.ADMINISTER, Group.DELETE, Group.USE):
        place = found.place("key", group)
        assert {row.decision.effect for row in place if row.principal.id == "account/root"} == {Effect.ALLOW}


@FEW
@given(worlds())
def test_nobody_outside_touches_the_key_and_nothing_is_undecided(policies: PolicySet) -> None:
    found = table(policies)
    outside = {Kind.PINECONE_REGION, Kind.PINECONE_OTHER, Kind.PINECONE_ROOT, Kind.STRANGER}
    for row in found.rows:
        assert row.decision.effect is not Effect.UNDECIDED
        if row.request.on == "key" and row.principal.kind in outside | {Kind.USER}:
            assert row.decision.effect is Effect.DENY


patterns = st.sampled_from(
    ["kms:*", "kms:Decrypt", "KMS:decrypt", "kms:Put*", "kms:?ncrypt", "kms:Describe*", "*", "s3:GetObject"]
)
named = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": ACCOUNT},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/pinekeep-prod"},
        {"AWS": ["210987654321", f"arn:aws:iam::{ACCOUNT}:user/plain-user"]},
    ]
)


@st.composite
def statements(draw: st.DrawFn, effect: str) -> Document:
    conditions: list[dict[str, dict[str, str]]] = [
        {},
        {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
    ]
    found: Document = {"Effect": effect, "Principal": draw(named), "Resource": "*"}
    found[draw(st.sampled_from(["Action", "NotAction"]))] = draw(st.lists(patterns, min_size=1, max_size=3))
    condition = draw(st.sampled_from(conditions))
    return {**found, "Condition": condition} if condition else found


def appended(statement: Document) -> Any:
    return effects(table(with_key(lambda found: found.append(statement))))


BASE = effects(table(world()))


@FEW
@given(statements("Deny"))
def test_one_more_denial_never_allows_anything(statement: Document) -> None:
    after = appended(statement)
    assert all(after[place] is Effect.DENY for place, effect in BASE.items() if effect is Effect.DENY)


@FEW
@given(statements("Allow"))
def test_one_more_allowing_statement_never_denies_anything(statement: Document) -> None:
    after = appended(statement)
    assert all(after[place] is Effect.ALLOW for place, effect in BASE.items() if effect is Effect.ALLOW)


@FEW
@given(st.sampled_from(["Allow", "Deny"]).flatmap(statements))
def test_what_is_decided_in_spite_of_a_doubt_is_so_whether_the_doubt_is_true_or_not(statement: Document) -> None:
    doubt = {"aws:PrincipalOrgID": "o-1"}
    condition = statement.get("Condition", {})
    both = {**condition, "StringEquals": {**condition.get("StringEquals", {}), **doubt}}
    doubted = appended({**statement, "Condition": both})
    with_it = appended(statement)
    for place, effect in doubted.items():
        before = BASE.get(place, Effect.DENY)
        assert (effect is Effect.UNDECIDED) == (with_it[place] is not before)
        assert effect in (Effect.UNDECIDED, before)


@FEW
@given(st.permutations(range(5)))
def test_the_order_of_statements_decides_nothing(order: list[int]) -> None:
    def shuffled(found: list[Document]) -> None:
        found[:] = [found[index] for index in order]

    assert effects(table(with_key(shuffled))) == BASE


@FEW
@given(worlds())
def test_a_table_does_not_differ_from_itself(policies: PolicySet) -> None:
    found = table(policies)
    assert differences(found, found) == []
