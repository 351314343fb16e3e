"""Estimate the correlation matrix of the latent normals: common factors, clear exceptions, positive definite.

Some 200 free correlations fitted on 250 patients would carry the accidents of these patients, which a
membership attack then finds: rows come visibly closer to them than to others. A few common factors (age,
severity) hold nearly all of the dependence with far fewer numbers, each learned from everybody.
"""

from collections.abc import Sequence

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.model.hermite import Scored, latent_correlation

_FEWEST_PAIRS = 20
_SMALLEST_EIGENVALUE = 1e-3
# Fewer patients, fewer numbers learned from them: below, what chance must be exceeded by, for 100 patients.
_FACTOR = (
    3.0  # a factor is kept from 1 + 3 (at 100 patients; 2.2 at 250) times the eigenvalue that noise gives
)
_EXCEPTION = (
    22.0  # an exception is kept from the square root of 22 (3.0 at 250) standard errors off the factors
)
_LARGEST_COMMUNALITY = 0.98
_ROUNDS = 100


def latent_correlations(dimensions: Sequence[Scored]) -> Floats:
    """Give the (d, d) correlations of the latent dimensions, not yet positive definite.

    Each pair is estimated on the patients who have both; a pair hardly ever seen together (a value and its
    own absence) gets what the factors say of it.
    """
    scores = np.column_stack([dimension.scores for dimension in dimensions])
    coefficients = np.array([dimension.coefficients for dimension in dimensions])
    observed, together = _pairwise(scores)
    first, second = np.triu_indices(len(dimensions), k=1)
    r, n = observed[first, second], together[first, second]
    seen = (n >= _FEWEST_PAIRS) & (r != 0)
    rho = np.where(seen, latent_correlation(r, coefficients[first], coefficients[second]), 0.0)
    # The error of r, magnified as much as r is.
    error = np.where(seen, (1 - r**2) / np.sqrt(np.maximum(n, 1)), np.inf)
    error *= np.divide(rho, r, out=np.ones_like(r), where=seen)
    matrix, errors = np.eye(len(dimensions)), np.full(observed.shape, np.inf)
    matrix[first, second] = matrix[second, first] = rho
    errors[first, second] = errors[second, first] = error
    return denoised(matrix, errors, len(scores))


def denoised(matrix: Floats, errors: Floats, patients: int) -> Floats:
    """Replace (d, d) correlations by those of common factors, plus the exceptions that are clearly not noise.

    `errors` (d, d) are the standard errors, infinite for a pair that says nothing.
    """
    silent = ~np.isfinite(errors)
    factors = _factors(matrix, silent, patients)
    rest = np.where(silent, 0.0, matrix - factors)
    noise = max(1.0, _EXCEPTION * 100 / patients) * np.where(silent, 0.0, errors) ** 2
    kept = np.divide(np.maximum(0.0, rest**2 - noise), rest**2, out=np.zeros_like(rest), where=rest != 0)
    result = factors + rest * kept
    np.fill_diagonal(result, 1.0)
    return np.asarray(result)


def _factors(matrix: Floats, silent: Flags, patients: int) -> Floats:
    """Fit principal axes; as many as eigenvalues well above those of pure noise (Marchenko-Pastur).

    Silent pairs say nothing: like the diagonal, they take round after round what the factors make of them.
    """
    edge = (1 + _FACTOR * 100 / patients) * (1 + np.sqrt(len(matrix) / patients)) ** 2
    count = int((np.linalg.eigvalsh(matrix) > edge).sum())
    common = np.full(len(matrix), 0.5)
    product = np.zeros_like(matrix)
    for _ in range(_ROUNDS if count else 0):
        reduced = np.where(silent, product, matrix)
        np.fill_diagonal(reduced, common)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -count:] * np.sqrt(np.maximum(values[-count:], 0.0))
        product = loadings @ loadings.T
        common = np.minimum(np.diag(product), _LARGEST_COMMUNALITY)
    return product


def _pairwise(scores: Floats) -> tuple[Floats, Floats]:
    """Give Pearson correlations over complete pairs, 0 where undefined, and the number of pairs."""
    known = ~np.isnan(scores)
    there, value = known.astype(float), np.where(known, scores, 0.0)
    n = there.T @ there
    safe = np.maximum(n, 1.0)
    sums, squares = value.T @ there, (value**2).T @ there
    covariance = value.T @ value / safe - (sums / safe) * (sums.T / safe)
    variance = squares / safe - (sums / safe) ** 2
    scale = np.sqrt(np.maximum(variance, 0.0) * np.maximum(variance.T, 0.0))
    r = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 1e-9)  # noqa: PLR2004
    return np.clip(r, -1.0, 1.0), n


def positive_definite(matrix: Floats) -> Floats:
    """Raise the eigenvalues of a symmetric (d, d) matrix above 0.001, keeping 1 on the diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    if len(values) == 0 or values[0] >= _SMALLEST_EIGENVALUE:
        return matrix
    repaired = (vectors * np.maximum(values, _SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    repaired = repaired / np.outer(scale, scale)
    return np.asarray((repaired + repaired.T) / 2)
