"""The classes of growth in both languages."""

from lab.model.text import Text
from lab.model.words import Growth

GROWTH = {
    Growth.FLAT: Text(fr="constant", en="flat"),
    Growth.SUB_LINEAR: Text(fr="sous-linéaire", en="sub-linear"),
    Growth.LINEAR: Text(fr="linéaire", en="linear"),
    Growth.SUPER_LINEAR: Text(fr="super-linéaire", en="super-linear"),
    Growth.EXPONENTIAL: Text(fr="exponentiel", en="exponential"),
    Growth.INDETERMINATE: Text(fr="indéterminé", en="indeterminate"),
}
