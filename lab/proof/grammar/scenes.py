"""Random scenes: a request and those that follow from its answer, as one who looks for leaks asks them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from lab.proof.grammar.bundling import bundling, strange
from lab.proof.grammar.drawer import Drawer
from lab.proof.grammar.operating import everything, exporting, lastn, validating
from lab.proof.grammar.reading import history, looking_back, reading, searching
from lab.proof.grammar.step import Step
from lab.proof.grammar.writing import conditional_writing, creating, deleting, patching, updating

Scene = Callable[[Drawer], Iterator[Step]]
_CLOSED = 0.1
"""What a scene weighs whose action is open on no type."""

Weighted = tuple[float, str, Scene]
"""How often a scene is drawn, and the action it needs."""

_SCENES: tuple[Weighted, ...] = (
    (18.0, "read", reading),
    (50.0, "search-type", searching),
    (12.0, "history-instance", history),
    (4.0, "vread", looking_back),
    (6.0, "operation", everything),
    (3.0, "operation", lastn),
    (4.0, "operation", exporting),
    (3.0, "create", creating),
    (7.0, "update", updating),
    (4.0, "update", conditional_writing),
    (3.0, "patch", patching),
    (2.0, "delete", deleting),
    (9.0, "read", bundling),
    (3.0, "read", strange),
    (4.0, "operation", validating),
)
"""Writes are few, so that worlds do not run empty."""


Mood = Mapping[Scene, float]
"""How much more often some scenes are drawn in a conversation: what is rare in most is common in some."""

MOODS: tuple[Mood, ...] = (
    {},
    {reading: 2, searching: 2},
    {creating: 5, updating: 6, conditional_writing: 5, patching: 6, deleting: 4, bundling: 4},
    {creating: 5, updating: 6, conditional_writing: 5, patching: 6, deleting: 4, bundling: 4},
    {everything: 5, lastn: 4, exporting: 4, validating: 3, history: 4, bundling: 2},
)


def conversation(
    drawer: Drawer, moods: Sequence[Mood] = MOODS, also: Sequence[Weighted] = ()
) -> Iterator[Step]:
    """Yield steps without end, in one of the moods; some scenes are ``also`` drawn."""
    mood, scenes = drawer.chance.choice(moods), (*_SCENES, *also)
    weights = [
        weight * mood.get(scene, 1) * (1 if drawer.opened.get(action) else _CLOSED)
        for weight, action, scene in scenes
    ]
    while True:
        ((_, action, scene),) = drawer.chance.choices(scenes, weights)
        drawer.turn_to(action)
        yield from scene(drawer)
