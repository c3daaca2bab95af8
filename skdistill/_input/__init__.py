"""Checks of a fit's arguments, which return plain lists and arrays: documents, labels, weights, soft targets."""
