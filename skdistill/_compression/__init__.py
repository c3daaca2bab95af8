"""Compression of a trained bag: few rows, short keys, small integers, and training that makes up for it.

The steps are those of ``compression.compress``; each has a module. numpy and scipy alone.
"""

from .compression import compress
from .report import Compression

__all__ = ["Compression", "compress"]
