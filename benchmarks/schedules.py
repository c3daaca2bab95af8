"""Measure epochs and seconds until a validation score is reached, for joint and alternating training.

    python benchmarks/schedules.py [--folder FOLDER] [--data NAME] [--target 0.84] [--rounds 3]

Trains the default networks, with a tenth of the training rows held out. An epoch of the
alternating schedule is an epoch of one network and then one of the other.
"""

from statistics import mean

from timing import load_one, parser, seconds, versions

from skdistill import DistilledTextClassifier, TextBag

WAYS = [
    ("joint", "none"),
    ("joint", "to_main"),
    ("joint", "mutual"),
    ("alternating", "to_main"),
    ("alternating", "mutual"),
]


def fit(schedule, transfer, seed, data, target):
    """Return the epochs, the seconds and whether the target was reached."""
    parameters = {"schedule": schedule, "transfer": transfer, "target_score": target, "random_state": seed}
    # Without linear paths, which are the same in every schedule.
    pair = {"main": TextBag(64, linear_weight=0), "auxiliary": TextBag(32, linear_weight=0)}
    classifier = DistilledTextClassifier(**pair, early_stopping=True, n_iter_no_change=30, max_iter=30, **parameters)
    taken = seconds(lambda: classifier.fit(*data))
    return classifier.n_iter_, taken, max(classifier.history_["main_validation_score"]) >= target


def main():
    made = parser(__doc__, rounds=3)
    made.add_argument("--target", type=float, default=0.84)
    arguments = made.parse_args()
    data = load_one(arguments)[:2]
    print(f"{versions()}\n{arguments.data}, target {arguments.target}, means of {arguments.rounds} seeds\n")
    print("| schedule | transfer | epochs | seconds | reached |\n|---|---|---|---|---|")
    for schedule, transfer in WAYS:
        fit(schedule, transfer, 0, (data[0][:500], data[1][:500]), 0.1)  # so that tracing is not timed
        runs = [fit(schedule, transfer, seed, data, arguments.target) for seed in range(arguments.rounds)]
        epochs, taken, reached = zip(*runs)
        print(f"| {schedule} | {transfer} | {mean(epochs):.1f} | {mean(taken):.2f} | {sum(reached)} of {len(runs)} |")


if __name__ == "__main__":
    main()
