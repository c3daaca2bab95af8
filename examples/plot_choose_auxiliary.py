"""Which auxiliary? Its size and features by a search, its weight by another.
==========================================================================

Medical phrases are classified by the chapters of ICD-10-CM. A grid search records the accuracy and the bytes of eight
auxiliary networks, and chooses the smallest one within one standard error of the best. ``DistilledTextClassifierCV``
then searches over the weight of its loss and over the weight of what the networks learn from each other.

Prints the candidates that no other one beats, and what both searches chose; draws them in
``choose_auxiliary.png``.

::

    pip install 'skdistill[examples]'
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV, train_test_split

from skdistill import DistilledTextClassifier, DistilledTextClassifierCV
from skdistill.datasets import load_icd10_chapters
from skdistill.displays import LambdaDisplay, ParetoDisplay
from skdistill.metrics import auxiliary_scorer, bytes_scorer
from skdistill.model_selection import one_standard_error, pareto_front

icd = load_icd10_chapters()
X, _, y, _ = train_test_split(icd.data, icd.target, train_size=1200, stratify=icd.target, random_state=0)

grid = {"auxiliary__units": [4, 16], "auxiliary__ngrams": [1, 2], "auxiliary__subwords": [None, (3, 4)]}
scoring = {"accuracy": auxiliary_scorer(), "neg_bytes": bytes_scorer()}
classifier = DistilledTextClassifier(max_iter=10, random_state=0)
sizes = GridSearchCV(classifier, grid, scoring=scoring, refit=one_standard_error, cv=3).fit(X, y)
for index in pareto_front(sizes):
    accuracy, n_bytes = (sizes.cv_results_[f"mean_test_{name}"][index] for name in scoring)
    print(f"{accuracy:.3f}  {-n_bytes / 1000:8,.0f} kB  {sizes.cv_results_['params'][index]}")
print("chosen:", sizes.best_params_)

weights = DistilledTextClassifierCV(
    classifier.set_params(**sizes.best_params_),
    auxiliary_weights=[0.1, 1, 10],
    transfer_weights=[0, 1, 3],
    scoring=auxiliary_scorer(),
    cv=3,
).fit(X, y)
print("chosen:", weights.best_params_)
student = weights.extract("auxiliary")
print(f"the auxiliary network on the test phrases: {student.score(icd.data_test, icd.target_test):.3f}, {student}")

figure, axes = plt.subplots(1, 2, figsize=(13, 4.6), layout="constrained")
ParetoDisplay.from_search(sizes, ax=axes[0])
LambdaDisplay.from_search(weights, param_y="transfer_weight", ax=axes[1])
figure.savefig("choose_auxiliary.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/choose_auxiliary.png"
