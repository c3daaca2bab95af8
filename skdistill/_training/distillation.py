"""How much to learn from a teacher, where "auto" leaves it to the rows.

The rule was chosen on training parts, see ``docs/benchmarks/teachers.md``.
"""

import numpy as np

# The weight if all rows have labels: a larger one lowers accuracy if the teacher is no better than the networks.
_LEAST_WEIGHT = 0.1


def choose_teacher_weight(teacher_weight, rows):
    """Return the weight of the teacher in rows that have both a label and teacher probabilities.

    Parameters
    ----------
    teacher_weight : float or "auto"
    rows : Rows
        The training rows.

    Returns
    -------
    teacher_weight : float
        With "auto" 0 without teacher probabilities; otherwise the teacher's agreement with the labels times
        the fraction of its rows that have no label, at least 0.1.
    """
    if teacher_weight != "auto":
        return teacher_weight
    if not rows.has_teacher.any():
        return 0.0
    agreement = 1.0 if rows.teacher_agreement is None else rows.teacher_agreement
    unlabelled = np.mean(~rows.is_labelled[rows.has_teacher])
    return float(max(_LEAST_WEIGHT, agreement * unlabelled))
