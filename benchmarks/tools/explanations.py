"""Explanations of single predictions."""

from .given import LABELS, NEW, TEXTS, equal


def lime_text(clf):
    from lime.lime_text import LimeTextExplainer

    fitted = clf.fit(TEXTS, LABELS)
    explainer = LimeTextExplainer(class_names=list(fitted.classes_), random_state=0)
    explanation = explainer.explain_instance(NEW[0], fitted.predict_proba, num_samples=300)  # for the second class
    equal(explanation.as_list()[0][0], "good")


def shap_text(clf):
    import shap

    fitted = clf.fit(TEXTS, LABELS)
    explainer = shap.Explainer(fitted.predict_proba, shap.maskers.Text(r"\W+"), output_names=list(fitted.classes_))
    explanation = explainer([NEW[0]], silent=True)
    equal(explanation.data[0][explanation.values[0][:, 1].argmax()].strip(), "good")


def eli5_text(clf):
    from eli5.lime import TextExplainer

    fitted = clf.fit(TEXTS, LABELS)
    explainer = TextExplainer(n_samples=300, random_state=0).fit(NEW[0], fitted.predict_proba)
    target = explainer.explain_prediction(target_names=list(fitted.classes_)).targets[0]
    equal((str(target.target), target.feature_weights.pos[0].feature), ("pos", "good"))
