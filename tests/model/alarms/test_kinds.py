"""What the alarms say: within AWS's bounds, for every kind, in whole sentences."""

from pinekeep.model.alarms.kinds import ALARMS, OF_KIND, AlarmKind, alarm_name, part_name, rule_alarms
from pinekeep.model.facts import aws


def test_every_kind_has_a_description_that_says_what_it_means_and_what_to_do() -> None:
    assert set(OF_KIND) == set(AlarmKind)
    for each in ALARMS:
        assert len(each.description) <= aws.ALARM_DESCRIPTION_MAX
        assert each.means.endswith(".")
        assert each.todo.endswith(".")
        assert not each.title.endswith(".")
        assert "`pinekeep " in each.todo, f"{each.kind} names no command"


def test_names_are_distinct_and_begin_with_the_prefix() -> None:
    names = [alarm_name("pinekeep.x.", kind) for kind in AlarmKind]
    names += [part_name("pinekeep.x.", AlarmKind.ENDPOINT_QUIET, part) for part in ("records", "seen")]
    assert len(set(names)) == len(names)
    assert all(each.startswith("pinekeep.x.") for each in names)


def test_the_rules_are_divided_among_alarms_of_ten_metrics() -> None:
    rules = [f"rule-{number}" for number in range(23)]
    found = rule_alarms("pinekeep.x.", rules)
    assert [len(group) for group in found.values()] == [10, 10, 3]
    assert [rule for group in found.values() for rule in group] == rules
    assert list(found) == [f"pinekeep.x.rule-failed{end}" for end in ("", "-2", "-3")]
    assert rule_alarms("pinekeep.x.", []) == {}
