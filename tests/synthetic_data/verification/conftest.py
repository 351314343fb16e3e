"""Two sound hospitals, generated once: a small one for rules, a larger one (two blocks) for statistics."""

import itertools
from functools import cache

import pytest
from planting import Planted

from synthetic_data.folder.generate import generate_folder
from synthetic_data.plan import END_OF_2023, HospitalPlan
from synthetic_data.verification import verify

SMALL, LARGE = 250, 4000


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospitals") / "small"
    generate_folder(HospitalPlan(2023, SMALL, END_OF_2023), folder)
    return folder


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospitals") / "large"
    generate_folder(HospitalPlan(2023, LARGE, END_OF_2023), folder)
    return folder


@pytest.fixture
def plant(tmp_path):
    """Open a copy of a hospital for changes."""
    numbers = itertools.count()
    return lambda source: Planted(source, tmp_path / f"planted-{next(numbers)}")


@pytest.fixture(scope="session")
def wrong():
    """Give what is wrong with a folder: check, file and kind of each defect."""

    @cache
    def defects(folder, validator):
        report = verify(folder, validator=validator)
        return [(one.check, case.file, case.what) for one in report.conclusions for case in one.examples]

    return defects


@pytest.fixture
def failures(wrong):
    """Verify a changed copy; give, by check, what it finds wrong that is right in the original.

    The answer key describes the original: that it differs from the copy is no news.
    """

    def run(planted, validator=None):
        already = set(wrong(planted.source, validator))
        found = {}
        for check, file, what in wrong(planted.folder, validator):
            if check != "answers" and (check, file, what) not in already:
                found.setdefault(check, []).append(what)
        return found

    return run
