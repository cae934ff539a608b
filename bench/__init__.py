"""The cost of Pinekeep, as ratios to baselines that run beside it: ``python -m bench``."""
