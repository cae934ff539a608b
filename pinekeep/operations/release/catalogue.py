"""The released shapes."""

from typing import Final

from pinekeep.operations.release.cmek_shapes import CMEK
from pinekeep.operations.release.link_shapes import PRIVATE_LINK
from pinekeep.operations.release.shape import ReleasedShape

SHAPES: Final[tuple[ReleasedShape, ...]] = (*CMEK, *PRIVATE_LINK)
