"""How the properties are tried: the same examples at every run, however slow the machine."""

from hypothesis import HealthCheck, Phase, settings


def tried(examples: int) -> settings:
    """Return the settings of a property that is tried with so many examples."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
