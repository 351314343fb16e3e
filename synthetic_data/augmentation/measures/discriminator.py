"""Try to tell artificial rows from patients with a logistic regression on values and their products."""

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.measures.logistic import fit_logistic
from synthetic_data.augmentation.measures.ranking import area_under_curve

_FOLDS = 5
_MOST_ROWS = 1000  # artificial rows shown: enough against a few hundred patients
_MOST_PRODUCTS = 150
_RIDGE = 10.0


def discriminator_auc(encoding: Encoding, rows: Floats, reference: Floats, rng: np.random.Generator) -> float:
    """Give the cross-validated AUC: 0.5 when rows cannot be told from patients, 1 when always.

    Products of coordinates are what lets a linear model see dependence; the 150 of largest variance are used.
    """
    rows = rows[:_MOST_ROWS]
    used = np.flatnonzero(encoding.modelled)
    x = np.vstack([rows, reference])[:, used]
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)
    products = _products(x)
    x = np.column_stack([x, products])
    y = np.concatenate([np.zeros(len(rows)), np.ones(len(reference))])
    fold = np.concatenate([rng.permutation(len(rows)) % _FOLDS, rng.permutation(len(reference)) % _FOLDS])
    areas = []
    for held in range(_FOLDS):
        shown, hidden = fold != held, fold == held
        score = fit_logistic(x[shown], y[shown], _RIDGE).score(x[hidden])
        areas.append(area_under_curve(score[y[hidden] == 1], score[y[hidden] == 0]))
    return float(np.mean(areas))


def _products(x: Floats) -> Floats:
    first, second = np.triu_indices(x.shape[1])
    products = x[:, first] * x[:, second]
    spread = products.std(axis=0)
    kept = np.sort(np.argsort(-spread, kind="stable")[:_MOST_PRODUCTS])
    return np.asarray(np.clip(products[:, kept], -10, 10))
