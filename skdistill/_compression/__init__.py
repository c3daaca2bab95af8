"""Compression of a trained bag: few rows, short keys, small integers, and training that makes up for it.

``compression.compress`` has the steps in order; each has a module. numpy and scipy alone.
"""
