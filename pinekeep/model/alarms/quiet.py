"""The window of an alarm about missing data, and how the alarm tells a pause from something that never began.

CloudWatch has no metric of the past: an alarm sees its own window alone. So there are three alarms. Metrics of traffic
and of events have no zeros; they have no data point while nothing happens (facts.aws.PRIVATELINK_METRICS_PAGE,
EVENTBRIDGE_METRICS_PAGE).

- ``…-records``: no data point in the whole window. Missing data is breaching.
- ``…-seen``: OK from the first data point on. Missing data is ignored, which keeps the state
  (facts.aws.MISSING_DATA_PAGE), so that it stays OK when the data ends; before, it has INSUFFICIENT_DATA. Its threshold
  cannot be reached.
- the alarm itself, a composite one: the first is in ALARM and the second is OK. It alone notifies.
"""

from dataclasses import dataclass
from typing import Final

QUIET_MINUTES_MIN: Final = 5
QUIET_MINUTES_MAX: Final = 7 * 24 * 60
"""CloudWatch evaluates at most seven days, and at most one day with periods below an hour."""
_MINUTE: Final = 60
_SHORT: Final = 300
_HOUR: Final = 3600
_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True)
class Window:
    """What an alarm looks at: the length of a period in seconds, and how many."""

    period: int
    periods: int

    @property
    def minutes(self) -> int:
        """The length of the whole window."""
        return self.period * self.periods // 60


def quiet_window(minutes: int) -> Window:
    """Return the window of a pause of so many minutes, rounded up to whole periods.

    CloudWatch looks at some periods more than the window has, and takes data points there for present ones until they
    are fewer than the window's. Short periods keep that delay short: two or three of them.

    Raises ValueError for a length that CloudWatch cannot evaluate.
    """
    if not QUIET_MINUTES_MIN <= minutes <= QUIET_MINUTES_MAX:
        raise ValueError(f"a pause has {QUIET_MINUTES_MIN} to {QUIET_MINUTES_MAX} minutes, got {minutes}")
    period = _MINUTE if minutes < _HOUR_MINUTES else _SHORT if minutes <= _DAY_MINUTES else _HOUR
    return Window(period, -(-minutes * 60 // period))
