"""The version of the package, also for the files that it writes."""

__version__ = "0.1.0"
