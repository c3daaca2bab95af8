"""How many rows fit into a number of bytes."""

#: Fewer rows are not tried: such a network would be of no use.
FEWEST_ROWS = 64


def rows_within(max_bytes, size_of, most):
    """Return about the largest number of rows whose file is not larger than ``max_bytes``.

    Parameters
    ----------
    max_bytes : int
    size_of : callable
        From a number of rows to bytes, which grow almost linearly with it.
    most : int
        The number of all rows, at least 1.

    Returns
    -------
    n_rows : int
        Within about one percent of the best.
    """
    low = min(FEWEST_ROWS, most)
    size_low = size_of(low)
    if size_low > max_bytes:
        raise ValueError(f"max_bytes={max_bytes} is too small: {low} rows alone take {size_low:,} bytes.")
    while low < most:  # until a number of rows is too many
        high = min(4 * low, most)
        size_high = size_of(high)
        if size_high > max_bytes:
            break
        low, size_low = high, size_high
    while low < most and high - low > 1 + low // 100:
        # Where a straight line reaches the budget, and not too close to either end.
        middle = low + round((high - low) * (max_bytes - size_low) / (size_high - size_low))
        margin = max(1, (high - low) // 20)
        middle = min(max(middle, low + margin), high - margin)
        size = size_of(middle)
        if size > max_bytes:
            high, size_high = middle, size
        else:
            low, size_low = middle, size
    return low
