"""The part of a fit that needs no TensorFlow: its rows, its plan, the order of rows, rates and scores.

``skdistill._keras`` carries out a ``plan.Plan`` on ``rows.Rows``. Nothing here imports it.
"""
