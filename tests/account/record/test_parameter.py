"""Documents in parameters: versioned, tagged, and never written over somebody else's."""

import pytest

from pinekeep.account.record.parameter import Stored, read_parameter, write_parameter
from pinekeep.errors import AwsRefusedError, WrongInputError
from tests.account.record.fake_ssm import FakeSsm

NAME = "/pinekeep/prod/something"


@pytest.fixture
def ssm() -> FakeSsm:
    return FakeSsm()


def test_where_there_is_no_parameter_none_is_read(ssm: FakeSsm) -> None:
    assert read_parameter(ssm.clients, NAME) is None


def test_what_is_written_is_read_with_its_version(ssm: FakeSsm) -> None:
    first = write_parameter(ssm.clients, NAME, "one", after=None, deployment="prod")
    assert first == Stored("one", 1) == read_parameter(ssm.clients, NAME)
    second = write_parameter(ssm.clients, NAME, "two", after=first, deployment="prod")
    assert second == Stored("two", 2) == read_parameter(ssm.clients, NAME)


def test_a_new_parameter_is_tagged_with_its_deployment(ssm: FakeSsm) -> None:
    write_parameter(ssm.clients, NAME, "one", after=None, deployment="prod")
    assert ssm.parameters[NAME]["Tags"] == [{"Key": "pinekeep:deployment", "Value": "prod"}]


def test_what_somebody_wrote_since_is_not_written_over(ssm: FakeSsm) -> None:
    seen = write_parameter(ssm.clients, NAME, "one", after=None, deployment="prod")
    ssm.put(Name=NAME, Value="theirs", Overwrite=True)
    with pytest.raises(AwsRefusedError, match="was changed in the meantime"):
        write_parameter(ssm.clients, NAME, "mine", after=seen, deployment="prod")
    assert ssm.parameters[NAME]["Value"] == "theirs"


def test_what_somebody_made_since_is_not_written_over(ssm: FakeSsm) -> None:
    ssm.before_put = lambda: ssm.put(Name=NAME, Value="theirs")
    with pytest.raises(AwsRefusedError, match="was changed in the meantime"):
        write_parameter(ssm.clients, NAME, "mine", after=None, deployment="prod")
    assert ssm.parameters[NAME]["Value"] == "theirs"


def test_whoever_writes_second_within_a_moment_is_told(ssm: FakeSsm) -> None:
    seen = write_parameter(ssm.clients, NAME, "one", after=None, deployment="prod")
    ssm.before_put = lambda: ssm.put(Name=NAME, Value="theirs", Overwrite=True)
    with pytest.raises(AwsRefusedError, match="was changed in the meantime"):
        write_parameter(ssm.clients, NAME, "mine", after=seen, deployment="prod")


def test_what_no_parameter_can_hold_is_not_sent(ssm: FakeSsm) -> None:
    with pytest.raises(WrongInputError, match="takes 4,098 bytes; a parameter holds 4,096"):
        write_parameter(ssm.clients, NAME, "é" * 2049, after=None, deployment="prod")
    assert ssm.calls == []
