"""The checks of ``verify``, one module per thing verified."""
