"""What Pinekeep costs, as ratios against baselines run beside it: ``python -m bench``."""
