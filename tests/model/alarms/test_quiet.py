"""The windows of alarms about pauses, within what CloudWatch evaluates, and the states of the three alarms."""

import pytest

from pinekeep.model.alarms.quiet import QUIET_MINUTES_MAX, QUIET_MINUTES_MIN, quiet_window


@pytest.mark.parametrize("minutes", [QUIET_MINUTES_MIN, 11, 59, 60, 1439, 1440, 1441, QUIET_MINUTES_MAX])
def test_a_window_is_as_long_as_the_pause_and_within_the_limits_of_cloudwatch(minutes: int) -> None:
    window = quiet_window(minutes)
    assert 0 <= window.minutes - minutes < window.period / 60
    assert window.minutes <= (24 * 60 if window.period < 3600 else 7 * 24 * 60)
    assert window.periods >= 2, "with a single period, CloudWatch takes the last data point there was for the present"


@pytest.mark.parametrize("minutes", [0, QUIET_MINUTES_MIN - 1, QUIET_MINUTES_MAX + 1, -60])
def test_a_pause_that_cloudwatch_cannot_evaluate_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match=f"{QUIET_MINUTES_MIN} to {QUIET_MINUTES_MAX} minutes, got {minutes}"):
        quiet_window(minutes)
