"""Chinese text: characters instead of words
=========================================

Chinese is written without spaces, so that a tokenizer of words takes whole clauses for words.
``TextTokenizer(analyzer="char")`` reads characters, and the bag puts them together to n-grams. Of words a bag still
sees parts, their character n-grams, but needs more labels to learn them. The reviews are made of parts here: a
subject, perhaps a negation, and an opinion; a negation turns the label around.

Prints some reviews with their predictions, and draws the accuracy by the number of labelled reviews in
``chinese.png``. The points are means of three draws.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdistill import DistilledTextClassifier, TextTokenizer

SUBJECTS = ["房间", "服务", "早餐", "位置", "前台", "浴室", "床铺", "隔音", "味道", "价格", "物流", "质量"]
GOOD = ["干净", "满意", "方便", "舒服", "热情", "周到", "划算", "新鲜", "安静", "放心"]
BAD = ["失望", "糟糕", "吵闹", "难受", "冷淡", "马虎", "陈旧", "昂贵", "麻烦", "肮脏"]
ENDINGS = ["，下次再说", "，朋友也这么说", "！", "。", "，总的来说", ""]


def write_reviews(n_reviews, generator):
    """Return reviews and their labels."""
    texts, labels = [], []
    for _ in range(n_reviews):
        is_good, is_negated = generator.random(2) < (0.5, 0.3)
        opinion = generator.choice(GOOD if is_good else BAD)
        degree = generator.choice(["不", "并不", "一点也不"] if is_negated else ["很", "非常", "真的", ""])
        texts.append(generator.choice(SUBJECTS) + degree + opinion + generator.choice(ENDINGS))
        labels.append("好评" if is_good != is_negated else "差评")
    return texts, labels


X_test, y_test = write_reviews(2000, np.random.default_rng(99))
sizes, scores = (30, 100, 300, 1000), {"char": [], "word": []}
for n_reviews in sizes:
    draws = [write_reviews(n_reviews, np.random.default_rng(seed)) for seed in range(3)]
    for analyzer, means in scores.items():
        classifier = DistilledTextClassifier(
            tokenizer=TextTokenizer(analyzer=analyzer), auxiliary=None, max_iter=10, random_state=0
        )
        means.append(np.mean([classifier.fit(*draw).score(X_test, y_test) for draw in draws]))
    print(f"{n_reviews:5} reviews: characters {scores['char'][-1]:.3f}, words {scores['word'][-1]:.3f}")

classifier.set_params(tokenizer__analyzer="char").fit(*draws[0])
for text in ("早餐很新鲜", "房间一点也不干净", "前台并不冷淡"):
    print(text, classifier.predict([text])[0])

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for (analyzer, means), style in zip(scores.items(), ("o-", "s--")):
    axes.plot(sizes, means, style, label=f'TextTokenizer(analyzer="{analyzer}")')
axes.set(xscale="log", xlabel="labelled reviews", ylabel="test accuracy", title="Characters against words")
axes.set_xticks(sizes, sizes)
axes.minorticks_off()
axes.legend()
figure.savefig("chinese.png", dpi=110)
