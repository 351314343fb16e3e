"""Play a run and write its folder, whatever happens: what was gathered before it ended is judged and kept."""

import time
import traceback
from collections.abc import Callable

from lab.certification.application import UnreachableError
from lab.certification.conclude import Conclusion, conclude
from lab.certification.folder import RunFolder
from lab.certification.session import Gathered
from lab.model.text import Text


def record(asked: Conclusion, gathered: Gathered, folder: RunFolder, play: Callable[[], None]) -> None:
    """Play, then write the run document and its reports; what ended the run early is told in them."""
    begun = time.monotonic()
    try:
        play()
    except UnreachableError as error:
        gathered.unreachable = error.text
    except KeyboardInterrupt:
        gathered.interrupted = Text(
            fr="Interrompu à la demande : ce qui avait été observé est conservé.",
            en="Interrupted on request: what had been observed is kept.",
        )
    except Exception as error:  # noqa: BLE001 - whatever broke is ours, and must not become a verdict
        folder.log("laboratory").parent.mkdir(exist_ok=True)
        folder.log("laboratory").write_text(traceback.format_exc(), encoding="utf-8")
        gathered.defect = Text(fr=f"Défaut du laboratoire : {error}", en=f"Laboratory defect: {error}")
    conclude(asked, gathered, folder, round(time.monotonic() - begun, 1))
