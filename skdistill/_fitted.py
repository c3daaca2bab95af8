"""What a fitted classifier does with its networks: it predicts and hands them over.

Owns which network answers and in which form it leaves. The door to ``skdistill._keras``
opens in ``to_keras`` alone. It must not know how networks are trained.
"""

from sklearn.utils.validation import check_is_fitted

from . import _keras
from ._extracted import ExtractedClassifier
from ._prediction import LogitsMixin, logits_of, logits_of_mean


class FittedNetworksMixin(LogitsMixin):
    """Of a classifier with ``main_``, ``auxiliary_``, ``tokenizer_``, ``classes_`` and ``predict_with``."""

    def extract(self, network="main"):
        """A trained network as a small classifier of its own.

        Parameters
        ----------
        network : {"main", "auxiliary"}, default="main"
            Which one.

        Returns
        -------
        classifier : ExtractedClassifier
            Fitted and frozen.

        Raises
        ------
        ValueError
            For a network that a callable built: it is no arrays.
        """
        trained = self._trained(network)
        if isinstance(trained, _keras.CustomNetwork):
            raise ValueError(
                f"The {network} network was built by a callable and predicts with Keras: it cannot be extracted. "
                f"to_keras({network!r}) returns the trained keras.Model."
            )
        return ExtractedClassifier(
            self.tokenizer_,
            trained.predictor,
            self.classes_,
            getattr(self, "n_features_in_", None),
            self.out_activation_,
        )

    def to_keras(self, network="main"):
        """A trained network as a Keras model.

        Parameters
        ----------
        network : {"main", "auxiliary"}, default="main"
            Which one.

        Returns
        -------
        model : keras.Model
            From padded token ids, as ``tokenizer_.transform`` gives them, to logits. An
            unknown token has no spelling there: its character n-grams are missing. Of a
            network that a callable built, the trained model itself.
        """
        trained = self._trained(network)
        return _keras.to_keras(trained)

    def _trained(self, network):
        check_is_fitted(self)
        if network not in ("main", "auxiliary"):
            raise ValueError(f"network must be 'main' or 'auxiliary'. Got {network!r}.")
        trained = getattr(self, f"{network}_")
        if trained is None:
            raise ValueError("There is no auxiliary network: the classifier was fitted with auxiliary=None.")
        return trained

    def _logits(self, X):
        check_is_fitted(self)
        predictors = [self._trained(role).predictor for role in self._predicting]
        logits = logits_of(self, X, self.tokenizer_, predictors)
        return logits[0] if len(logits) == 1 else logits_of_mean(logits, self.out_activation_)

    @property
    def _predicting(self):
        return ("main", "auxiliary") if self.predict_with == "ensemble" else (self.predict_with,)
