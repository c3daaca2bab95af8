"""Writing saved models; ``skdistill.runtime.archive`` reads them."""

from .archive import to_bytes
from .atomic import write_atomically

__all__ = ["to_bytes", "write_atomically"]
