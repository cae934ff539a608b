from pinekeep.model.policies.document import Statement, policy


def test_a_policy_holds_its_statements_in_their_order() -> None:
    statements: list[Statement] = [{"Sid": "b"}, {"Sid": "a"}]
    assert policy(iter(statements)) == {"Version": "2012-10-17", "Statement": [{"Sid": "b"}, {"Sid": "a"}]}


def test_a_policy_without_statements_is_empty() -> None:
    assert policy([]) == {"Version": "2012-10-17", "Statement": []}
