"""What users hand to a fit, each by itself: documents, labels and weights, soft targets, pools of more text.

Owns their checks and the plain arrays that they become. It must not know networks,
teachers or how rows are trained.
"""
