"""The parameters that training starts from: drawn at random, word vectors, or those of an earlier fit."""

import math

import numpy as np


def initial_parameters(plan, readers, slots, seeds):
    """Return tables and dense arrays, drawn network by network, each from a seed of its own.

    Parameters
    ----------
    plan : Plan
    readers : list of FeatureReader, TokenReader or PaddedReader
        Each says how many rows its table has.
    slots : dict of str to NetworkSlot
        For each network its reader and its graph, which names its dense arrays.
    seeds : sequence of numpy.random.SeedSequence
        One for each network.

    Returns
    -------
    tables : list of ndarray of shape (n_rows, units), float32
        For each reader.
    dense : dict of str to list of ndarray
        For each network.
    frozen : list of ndarray of bool
        For each table the numbers that training leaves as they are.
    """
    tables, dense = {}, {}
    for (role, slot), seed in zip(slots.items(), seeds):
        generator = np.random.default_rng(seed)
        if role in plan.initial:
            table, dense[role] = slot.graph.parameters(plan.initial[role])
        else:
            size = (readers[slot.reader].n_rows, slot.graph.units)
            # Uniform in [-0.05, 0.05), as keras.layers.Embedding has it.
            table = generator.random(size, dtype=np.float32) * np.float32(0.1) - np.float32(0.05)
            dense[role] = [_draw(generator, name, shape) for name, shape in slot.graph.shapes.items()]
        tables.setdefault(slot.reader, table)  # a shared one is that of the main network
    tables = list(tables.values())
    return tables, dense, _write_vectors(plan, tables, slots)


def _write_vectors(plan, tables, slots):
    """Write word vectors into the tables, whose first rows are the tokens', and return what is frozen."""
    frozen = [np.zeros(table.shape, dtype=bool) for table in tables]
    for role, (ids, rows, _) in plan.vectors.items():
        slot = slots[role]
        columns = slice(rows.shape[1])
        if role not in plan.initial:
            tables[slot.reader][ids, columns] = rows
        frozen[slot.reader][ids, columns] = slot.has_frozen
    return frozen


def _draw(generator, name, shape):
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
