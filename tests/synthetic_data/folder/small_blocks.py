"""A hospital of three tiny blocks, drawn once: what a folder does with blocks owes nothing to their size."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from synthetic_data.facts import volumes
from synthetic_data.folder.block_part import BlockPart, block_part
from synthetic_data.folder.generate import generate_folder
from synthetic_data.plan import HospitalPlan

BLOCK = 40
PLAN = HospitalPlan(seed=12, patients=100)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Blocks:
    """Serves the parts of blocks instead of drawing them; `asked` remembers which, `most` then kills."""

    known: dict[tuple[str, int, str], BlockPart] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    most: int = 1000

    def drawn(self, plan: HospitalPlan, numbers: range, format_: str, _workers: int) -> Iterator[BlockPart]:
        """Stand for `drawn_blocks`."""
        for number in numbers:
            if len(self.asked) >= self.most:
                raise Killed
            self.asked.append(number)
            key = (repr(plan), number, format_)
            if key not in self.known:
                self.known[key] = block_part(plan, number, format_)
            yield self.known[key]
        if len(self.asked) >= self.most:
            raise Killed

    @contextmanager
    def killed_after(self, most: int) -> Iterator[None]:
        """Let what is generated inside be killed once that many blocks were drawn."""
        self.asked, self.most = [], most
        try:
            yield
        except Killed:
            pass
        finally:
            self.asked, self.most = [], 1000


@pytest.fixture(scope="module")
def blocks_served():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(volumes, "BLOCK", BLOCK)
        served = Blocks()
        patched.setattr("synthetic_data.folder.generate.drawn_blocks", served.drawn)
        yield served


@pytest.fixture
def served(blocks_served):
    blocks_served.asked, blocks_served.most = [], 1000
    return blocks_served


@pytest.fixture(scope="module")
def uninterrupted(blocks_served, tmp_path_factory) -> dict[str, bytes]:
    """The folder of one generation that nothing interrupted."""
    blocks_served.asked = []
    folder = tmp_path_factory.mktemp("whole") / "hospital"
    generate_folder(PLAN, folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Give the bytes of each file, by its path in the folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
