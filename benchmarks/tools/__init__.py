"""The rows of ``works_with.py``, by subject: short functions that get an unfitted classifier."""
