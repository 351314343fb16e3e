"""The few things a drawing is made of; `style` is a class of the style sheet."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from synthetic_data.description.bilingual import Both

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    shape: ClassVar[str] = "box"
    style: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A path, in the notation of SVG."""

    shape: ClassVar[str] = "line"
    style: str
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text; `y` is its base line."""

    shape: ClassVar[str] = "label"
    style: str
    x: float
    y: float
    anchor: Anchor
    text: Both


Mark = Box | Line | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks in the order in which they are drawn."""

    width: float
    height: float
    marks: tuple[Mark, ...]


def rounded(value: float) -> float:
    """Give a coordinate with as much precision as an eye has."""
    return round(float(value), 1)
