"""Files that are read beside the code: the CDK's settings, the pinned CDK command line, and the examples."""

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
"""The folder of `cdk.json`, `package.json` and `examples`."""
