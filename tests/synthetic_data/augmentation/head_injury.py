"""An invented cohort of head injuries, with real dependence, missing cells, rare levels and long tails."""

import csv

import numpy as np

NAMES = (
    "age", "sexe", "mecanisme", "gcs", "hemoglobine", "crp", "sodium", "pas", "scanner", "anticoagulant",
    "duree_sejour", "issue",
)  # fmt: skip
COLUMNS = {"gcs": "integer", "hemoglobine": "number,1", "issue": "category", "scanner": "boolean"}


def patients(count, seed):
    """Give `count` rows of text; a hidden severity and the age rule everything."""
    rng = np.random.default_rng([count, seed])
    age = np.clip(
        np.where(rng.random(count) < 0.45, rng.normal(27, 9, count), rng.normal(74, 12, count)), 1, 101
    )
    sex = np.where(rng.random(count) < 0.62 - 0.002 * (age - 40), "M", "F")
    severity = rng.gamma(1.2, 0.8, count) + 0.01 * (age - 40)
    old = age > 62
    mechanism = np.where(
        rng.random(count) < np.where(old, 0.82, 0.3),
        "chute",
        rng.choice(["route", "sport", "agression", "travail", "arme"], count, p=[0.5, 0.24, 0.2, 0.05, 0.01]),
    )
    gcs = np.clip(np.rint(15.4 - 1.6 * np.maximum(0, severity - 0.6) + rng.normal(0, 0.5, count)), 3, 15)
    haemoglobin = 14.2 - 1.1 * (sex == "F") - 0.018 * (age - 40) - 0.45 * severity + rng.normal(0, 1.0, count)
    crp = np.exp(0.8 + 0.018 * (age - 40) + 0.45 * severity + rng.normal(0, 0.9, count))
    crp = np.where(crp < 1.5, 1.0, crp)
    sodium = 140 - 0.03 * (age - 40) - 0.6 * severity + rng.normal(0, 2.6, count)
    pressure = 122 + 0.35 * (age - 40) - 3.0 * severity + rng.normal(0, 15, count)
    anticoagulated = rng.random(count) < 1 / (1 + np.exp(-(age - 82) / 7))
    scan = rng.random(count) < 1 / (
        1 + np.exp(-(-1.2 + 1.4 * severity + 0.03 * (age - 50) + 1.2 * anticoagulated))
    )
    stay = np.floor(np.exp(-0.4 + 0.75 * severity + 0.012 * (age - 40) + rng.normal(0, 0.6, count)))
    death = rng.random(count) < 1 / (1 + np.exp(-(-6.0 + 1.3 * severity + 0.035 * (age - 50))))
    transfer = rng.random(count) < 1 / (1 + np.exp(-(-2.8 + 0.8 * severity + 0.02 * (age - 50))))
    outcome = np.where(death, "deces", np.where(transfer, "transfert", "domicile"))
    tested = rng.random(count) < 1 / (1 + np.exp(-(0.4 + 0.9 * severity + 0.02 * (age - 40))))
    also = rng.random((count, 2))
    return [
        [
            f"{age[at]:.0f}", sex[at], mechanism[at], f"{gcs[at]:.0f}",
            f"{haemoglobin[at]:.1f}" if tested[at] else "",
            f"{crp[at]:.1f}" if tested[at] and also[at, 0] < 0.9 else "",
            f"{sodium[at]:.0f}" if tested[at] else "",
            f"{pressure[at]:.0f}" if also[at, 1] < 0.97 else "",
            "oui" if scan[at] else "non", "oui" if anticoagulated[at] else "non",
            f"{stay[at]:.0f}", outcome[at],
        ]
        for at in range(count)
    ]  # fmt: skip


def write_cohort(folder, count=500, seed=1, *, rows=None, names=NAMES, declare=False):
    """Write cohort.csv (and columns.csv) in `folder`; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cohort.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *(patients(count, seed) if rows is None else rows)])
    if declare:
        lines = [f"{name},{kind}" + ("" if "," in kind else ",") for name, kind in COLUMNS.items()]
        (folder / "columns.csv").write_text("\n".join(["column,kind,decimals", *lines]), encoding="utf-8")
    return folder
