"""The parameters that training starts from.

Owns how they are drawn, where the word vectors that a network brings along are laid,
and that a warm start takes the parameters of the fit before, a callable's model its
own. Numpy only; it must not know the step.
"""

import math

import numpy as np


def initial_parameters(plan, readers, parts, seeds):
    """Tables and dense arrays, drawn network by network, each from a seed of its own.

    Parameters
    ----------
    plan : Plan
    readers : list of FeatureReader or TokenReader
    parts : dict of str to Part
    seeds : sequence of numpy.random.SeedSequence
        One for each network.

    Returns
    -------
    tables : list of ndarray
        Of each reader.
    dense : dict of str to list of ndarray
        Of each network.
    frozen : list of ndarray of bool
        For each table the numbers that training leaves as they are.
    """
    tables, dense = {}, {}
    for (role, part), seed in zip(parts.items(), seeds):
        generator = np.random.default_rng(seed)
        if role in plan.initial:
            table, dense[role] = part.body.parameters(plan.initial[role])
        else:
            size = (readers[part.reader].n_rows, part.body.units)
            table = generator.random(size, dtype=np.float32) * np.float32(0.1) - np.float32(0.05)
            dense[role] = [_initial(generator, name, shape) for name, shape in part.body.shapes.items()]
        tables.setdefault(part.reader, table)  # a shared one is that of the main network
    tables = list(tables.values())
    return tables, dense, _lay_vectors(plan, tables, parts)


def _lay_vectors(plan, tables, parts):
    """Write the vectors into the tables, whose first rows are the tokens'; tell which numbers are frozen."""
    frozen = [np.zeros(table.shape, dtype=bool) for table in tables]
    for role, (ids, rows, _) in plan.vectors.items():
        part = parts[role]
        columns = slice(rows.shape[1])
        if role not in plan.initial:
            tables[part.reader][ids, columns] = rows
        frozen[part.reader][ids, columns] = part.has_frozen
    return frozen


def _initial(generator, name, shape):
    if "bias" in name:
        return np.zeros(shape, np.float32)
    if "recurrent" in name:
        return _orthogonal(generator, shape)
    # Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward
    # neural networks, equation 16; a filter of a convolution sees all its window.
    window = math.prod(shape[:-2])
    limit = math.sqrt(6 / (window * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def _orthogonal(generator, shape):
    # Saxe, McClelland and Ganguli 2014, Exact solutions to the nonlinear dynamics of learning
    # in deep linear neural networks, section 3: states neither grow nor fade.
    q, r = np.linalg.qr(generator.normal(size=shape[::-1]))
    return (q * np.sign(np.diag(r))).T.astype(np.float32)
