"""Networks of the user's own: callables that build a Keras model.

Their models are checked here, and take part in the joint step as graphs.
"""

import warnings
from copy import copy
from dataclasses import replace
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from .custom_network import CustomNetwork

# With random weights every second logit is below 0: those of two classes stay above in all draws once in 2^32.
_DRAWS = 16
_EXPECTED = "begin it with keras.Input((None,), dtype='int32')"


class CustomGraph:
    """A whole Keras model as a graph, equal to itself alone: it has its own embeddings, hence no table.

    The trainable variables are arrays of the step, as those of any graph; the others
    (moving means, the states of seeds) are carried in the model itself.

    Parameters
    ----------
    model : keras.Model
    n_tokens, n_classes : int
    """

    units = 0
    is_shared = False

    def __init__(self, model, n_tokens, n_classes):
        self.model, self.n_classes, self.training = model, n_classes, True
        self.network = CustomNetwork(model, n_tokens)

    @classmethod
    def of_network(cls, graph, n_classes):
        """Return the graph, which stands in the place of its network."""
        return graph

    @cached_property
    def shapes(self):
        """Shapes of the trainable variables by name."""
        return {f"variable_{i}": tuple(v.shape) for i, v in enumerate(self.model.trainable_variables)}

    @property
    def state(self):
        """The variables that are not trained but carried."""
        return [v.numpy() for v in self.model.non_trainable_variables]

    @tf.autograph.experimental.do_not_convert
    def logits(self, arrays, x, ids, seed):
        """Return logits of shape (n_documents, n_classes) of padded ids; the model has its own seeds."""
        variables, carried = self.model.trainable_variables, self.model.non_trainable_variables
        values = [*arrays.values(), *(variable.value for variable in carried)]
        # What Model.stateless_call does, but through __call__: it tells a subclass and its
        # layers that this is training.
        with keras.StatelessScope(zip([*variables, *carried], values)) as scope:
            logits = self.model(ids, training=self.training)
        for variable in carried:
            variable.assign(scope.get_current_value(variable))
        return tf.ensure_shape(tf.cast(logits, tf.float32), [None, self.n_classes])

    def set_state(self, state):
        """Give the variables that are not trained other values."""
        for variable, value in zip(self.model.non_trainable_variables, state):
            variable.assign(value)

    def trained(self, reader, table, dense):
        """Return the network for prediction: the model with the given arrays."""
        for variable, value in zip(self.model.trainable_variables, dense):
            variable.assign(value)
        self.set_state(dense[len(self.shapes) :])
        return self.network

    def parameters(self, trained):
        """Return a table without columns, and the trainable variables of a network."""
        return np.zeros((1, 0), np.float32), [np.asarray(v, np.float32) for v in trained.model.trainable_variables]

    def as_teacher(self):
        """Return the model as it is in prediction, where its moving means rest."""
        graph = copy(self)
        graph.training = False
        return graph


def build_custom(plan, seeds):
    """Return the plan with a ``CustomGraph`` in place of each callable, which starts from its model.

    Parameters
    ----------
    plan : Plan
    seeds : sequence of numpy.random.SeedSequence
        For each network.

    Returns
    -------
    plan : Plan

    Raises
    ------
    TypeError, ValueError
        Where a callable fails, or what it returns is no model from ids to logits.
    """
    sizes = int(plan.n_tokens), int(plan.n_classes)
    networks, initial = dict(plan.networks), dict(plan.initial)
    for (role, network), seed in zip(plan.networks.items(), seeds):
        if callable(network):
            model = _build(network, role, *sizes, int(seed.generate_state(1)[0] >> 1))
            _check_inputs(model, role)
            _check_logits(model, role, *sizes)
            if role in initial:
                model.set_weights(initial[role].model.get_weights())
            networks[role] = CustomGraph(model, *sizes)
            initial[role] = networks[role].network
    _check_together(networks, plan.schedule)
    return replace(plan, networks=networks, initial=initial)


def _build(network, role, n_tokens, n_classes, seed):
    if isinstance(network, keras.Model):
        raise TypeError(f"{role} must be a callable that builds a new keras.Model. Got a model: return it from one.")
    try:
        model = network(n_tokens, n_classes, seed)
    except Exception as error:
        raise ValueError(
            f"The callable {role} raised {type(error).__name__} when it was called as "
            f"{role}(n_tokens={n_tokens}, n_classes={n_classes}, seed={seed}): {error}"
        ) from error
    if not isinstance(model, keras.Model):
        raise TypeError(f"The callable {role} must return a keras.Model. Got {type(model).__name__}.")
    return model


def _check_inputs(model, role):
    """What the model declares; one that declares nothing is only called."""
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) > 1:
        raise ValueError(f"The model of {role} must take one input, padded token ids. Got {len(inputs)} inputs.")
    for x in inputs:
        if tuple(x.shape) != (None, None):
            raise ValueError(
                f"The model of {role} must take ids of shape (None, None), because documents are padded to the "
                f"longest of their batch. Got {tuple(x.shape)}: {_EXPECTED}."
            )
        if "int" not in keras.backend.standardize_dtype(x.dtype):
            raise ValueError(f"The model of {role} must take integer ids. Got {x.dtype}: {_EXPECTED}.")


def _check_logits(model, role, n_tokens, n_classes):
    """Call the model, which builds it too, on ids of any shape and on the shortest documents."""
    probe = np.int32([[1], [n_tokens - 1], [1]])
    symbolic = _call(model, role, keras.Input((None,), dtype="int32"))
    outputs = _call(model, role, probe)
    for got, expected in ((symbolic, (None, n_classes)), (outputs, (len(probe), n_classes))):
        shape = tuple(got.shape) if hasattr(got, "shape") else type(got).__name__
        if shape not in (expected, (None, None)):
            raise ValueError(f"The model of {role} must give logits of shape {expected}. Got {shape}.")
    if _gives_probabilities(model, role, probe, keras.ops.convert_to_numpy(outputs)):
        raise ValueError(
            f"The model of {role} must give logits, but its outputs are probabilities: "
            "leave out the softmax or sigmoid of the last layer, which the loss has already."
        )


def _call(model, role, ids):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the odd shape of the shortest documents
            return model(ids, training=False)
    except Exception as error:
        raise ValueError(
            f"The model of {role} must read int32 ids of shape (n_documents, n_positions), from one position on. "
            f"It raised {type(error).__name__} for shape {tuple(ids.shape)}: {error}"
        ) from error


def _is_squashed(model):
    """Whether the last layer has a softmax or sigmoid; a subclass of Model does not say which is its last."""
    if not getattr(model, "outputs", None):
        return False
    last = model.outputs[0]._keras_history.operation
    names = type(last).__name__, getattr(getattr(last, "activation", None), "__name__", "")
    return any(name.lower() in ("softmax", "sigmoid") for name in names) or _is_squashed(last)


def _gives_probabilities(model, role, ids, outputs):
    """Whether the outputs lie between 0 and 1 whatever the weights are: logits do so by accident at most."""
    if not _lie_between_0_and_1(outputs):
        return False
    if _is_squashed(model):
        return True
    if not model.trainable_variables:
        return np.allclose(outputs.sum(axis=1), 1, atol=1e-3)  # no weights to vary
    generator = np.random.default_rng(0)
    return all(_lie_between_0_and_1(_with_random_weights(model, role, ids, generator)) for _ in range(_DRAWS))


def _with_random_weights(model, role, ids, generator):
    """Outputs that the model would have; its own weights stay."""
    drawn = [(v, generator.normal(size=v.shape).astype(np.float32)) for v in model.trainable_variables]
    with keras.StatelessScope(drawn):
        return keras.ops.convert_to_numpy(_call(model, role, ids))


def _lie_between_0_and_1(outputs):
    return bool(np.all((outputs >= 0) & (outputs <= 1)))


def _check_together(networks, schedule):
    custom = {role: graph for role, graph in networks.items() if isinstance(graph, CustomGraph)}
    if len({id(graph.model) for graph in custom.values()}) < len(custom):
        raise ValueError("The callables main and auxiliary returned the same model: each call must build a new one.")
    frozen = [role for role, graph in custom.items() if not graph.shapes]
    if frozen and (len(frozen) == len(networks) or schedule != "joint"):
        raise ValueError(
            f"The model of {' and of '.join(frozen)} has no trainable variables: with schedule={schedule!r} "
            "nothing is left to train."
        )
