"""Written gradients in place of those that TensorFlow derives.

``tf.custom_gradient`` registers a gradient under a new name whenever a function is traced.
TensorFlow never forgets a name, and with it everything that the gradient refers to: the graph
of each compiled step would stay in memory for good. Here a gradient is registered once, and
gets what it needs as inputs of an operation of the graph.

Only ``tf.gradients`` uses it, in a compiled function. In eager code, and for a
``tf.GradientTape``, the gradient is the one that TensorFlow derives: equal up to rounding, and slower.
"""

import tensorflow as tf


def register(gradient):
    """Register a gradient for ``with_gradient`` and return its name; called once, when a module is imported.

    Parameters
    ----------
    gradient : callable
        From the gradient by the result, and the arguments, to the gradient by each argument: None
        for one that is not learned.

    Returns
    -------
    name : str
    """
    # No name can be registered twice, although a module may be imported again. Its function then has
    # another id, because the registry keeps the first one.
    name = f"{gradient.__module__}.{gradient.__name__}.{id(gradient)}"

    @tf.RegisterGradient(name)
    def of_identity(operation, by_result, *_):
        return None, *gradient(by_result, *operation.inputs[1:])

    return name


def with_gradient(name, result, arguments):
    """Return the result, with the gradient by the arguments that ``register`` gave this name.

    Parameters
    ----------
    name : str
    result : tensor
    arguments : list of tensor
        All that the gradient reads, such as intermediate results.
    """
    with tf.compat.v1.get_default_graph().gradient_override_map({"IdentityN": name}):
        return tf.identity_n([result, *arguments])[0]
