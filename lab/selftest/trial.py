"""Put one mutant, or the unbroken original, on trial: which checks fail on it?"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lab.bundled import EXAMPLES, example, mutants
from lab.certification.certify import Options, certify
from lab.certification.document import read
from lab.manifest import read_manifest
from lab.model.words import Outcome, Role, Suite
from lab.selftest.mutant import Mutant

PATIENTS, ROOMY = 120, 350
"""Enough for one check; and enough for every act of a whole script to find a patient of its own."""
_BROKEN = {Outcome.FAIL, Outcome.ERROR, Outcome.WARNING}


@dataclass(frozen=True)
class Trial:
    """What was seen: the outcome of each check that ran, our defect when there was one, the verdict."""

    outcomes: dict[str, Outcome]
    defect: str = ""
    status: str = ""

    @property
    def noticed(self) -> frozenset[str]:
        """Return the checks that noticed something: failed, or remarked on a SHOULD."""
        return frozenset(id_ for id_, outcome in self.outcomes.items() if outcome in _BROKEN)


def try_client(
    mutant: Mutant | None,
    seed: int,
    keep: Path | None = None,
    only: frozenset[str] = frozenset(),
    subject: str = EXAMPLES[0],
) -> Trial:
    """Watch an example application, or a mutant of it, and run the checks of clients, or some of them."""
    subject = mutant.subject if mutant is not None else subject
    manifest = read_manifest(example(subject) / f"{subject}.toml")
    if manifest.start is None:
        raise TypeError(manifest)
    if mutant is not None:
        command = ("{python}", str(mutant.path))
        manifest = replace(manifest, start=replace(manifest.start, command=command))
    client = manifest.client
    if client is not None and mutant is not None:
        # A mutant may never get far enough for the script to end: do not wait as long as for the original.
        # Its own program is part of what it is delivered as.
        client = replace(client, watch_s=50.0, artefacts=(*client.artefacts, str(mutant.path)))
    manifest = replace(manifest, roles=(Role.CLIENT,), server=None, load=None, client=client)
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        options = Options(
            out=Path(private),
            seed=seed,
            patients=PATIENTS if only else ROOMY,
            suites=frozenset({Suite.CONFORMANCE, Suite.SECURITY}),
            only=only,
        )
        folder = certify(manifest, options)
        document = read(folder.document)
        if keep is not None:
            shutil.copytree(folder.path, keep, dirs_exist_ok=True)
    outcomes = {finding["check"]: Outcome(finding["outcome"]) for finding in document["findings"]}
    ended_early = document["unreachable"] or document["verdict"]["status"] == "withheld"
    return Trial(outcomes, document["verdict"]["reason"]["en"] if ended_early else "")


def try_vendor(mutant: Mutant | None, seed: int, only: frozenset[str] = frozenset()) -> Trial:
    """Judge the security of the sound vendor of the zoo, or of a variant of it, as a vendor's would be."""
    security = frozenset({Suite.SECURITY})
    manifest = read_manifest(mutants() / "vendors" / "vendor.toml")
    if mutant is not None and manifest.start is not None:
        command = (*manifest.start.command, "--variant", mutant.name)
        manifest = replace(manifest, start=replace(manifest.start, command=command))
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        options = Options(out=Path(private), seed=seed, suites=security, asked=security, only=only)
        document = read(certify(manifest, options).document)
    outcomes = {finding["check"]: Outcome(finding["outcome"]) for finding in document["findings"]}
    status = document["verdict"]["status"]
    ended_early = document["unreachable"] or status == "withheld"
    return Trial(outcomes, document["verdict"]["reason"]["en"] if ended_early else "", status)
