"""What a notebook shows of an estimator: a diagram of its parts, and a link to its page in the documentation.

scikit-learn draws the diagrams (``sklearn.utils.estimator_html_repr``). A *block* is one of its boxes, or several in
series or in parallel.
"""

from sklearn.base import BaseEstimator

from ._repr import short
from ._sklearn import VisualBlock
from ._version import SITE


class LinksToPage:
    """Mixin for public estimators: the "?" of their diagrams leads to their page in the API reference."""

    _doc_link_module = "skdistill"

    @property
    def _doc_link_template(self):
        return f"{SITE}api/generated/{{page}}.html" if SITE else ""

    def _doc_link_url_param_generator(self):
        """Return the name of the page: that under which the class is imported."""
        package = "skdistill.teachers" if ".teachers." in type(self).__module__ else "skdistill"
        return {"page": f"{package}.{type(self).__name__}"}


def networks_block(tokenizer, networks, trained, teacher=None):
    """Return the diagram of a classifier: the tokenizer, then the networks side by side; the teachers beside them.

    Parameters
    ----------
    tokenizer : TextTokenizer or None
        If None, documents are token ids.
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
        By role.
    trained : dict of str to trained network
        By role; empty before a fit.
    teacher : classifier, list of classifiers or None, default=None

    Returns
    -------
    block : VisualBlock
    """
    boxes = [_network_box(network, trained.get(role)) for role, network in networks.items()]
    side_by_side = VisualBlock("parallel", boxes, names=list(networks), dash_wrapped=False)
    student = _in_series(tokenizer, side_by_side)
    if teacher is None:
        return student
    teachers = teacher if isinstance(teacher, (list, tuple)) else [teacher]
    names = [None, *["teacher"] * len(teachers)]
    return VisualBlock("parallel", [student, *map(_estimator_box, teachers)], names=names, dash_wrapped=False)


def network_block(tokenizer, network):
    """Return the diagram of a trained network; a tokenizer of None stands for token ids."""
    return _in_series(tokenizer, _box(type(network).__name__, repr(network)))


def search_block(name, estimator):
    """Return the diagram of a search over the parameters of an estimator, as that of ``GridSearchCV``."""
    names = [f"{name}: {type(estimator).__name__}"]
    return VisualBlock("parallel", [estimator], names=names, name_details=[repr(estimator)])


def _in_series(tokenizer, block):
    first = _box("token ids", "precomputed") if tokenizer is None else _unfitted(tokenizer)
    return VisualBlock("serial", [first, block], names=["tokenizer", None], dash_wrapped=False)


def _box(title, details):
    return VisualBlock("single", None, names=title, name_details=details)


def _network_box(network, trained):
    """Return the box of a network: its parameters and, once it is trained, its sizes."""
    title = getattr(network, "__name__", type(network).__name__)  # that of a function that builds a model
    lines = [repr(short(network)), *([] if trained is None else [repr(trained)])]
    return _box(title, "\n".join(lines))


def _unfitted(tokenizer):
    """Return an unfitted copy with short parameters; after a fitted tokenizer its positions would be listed."""
    unfitted = object.__new__(type(tokenizer))
    vars(unfitted).update({name: short(value) for name, value in tokenizer.get_params(deep=False).items()})
    return unfitted


def _estimator_box(estimator):
    """Return what is drawn for an estimator: itself if it is of this package, else a copy with short parameters."""
    if isinstance(estimator, LinksToPage):
        return estimator
    shortened = short(estimator)
    return shortened if isinstance(shortened, BaseEstimator) else _box(type(estimator).__name__, repr(shortened))
