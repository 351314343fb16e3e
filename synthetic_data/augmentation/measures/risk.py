"""Turn two success rates of an attack, on members and on outsiders, into a risk."""


def excess_risk(on_members: float, on_outsiders: float) -> float:
    """Give what membership adds to an attack: 0 nothing, 1 all, negative when chance favours outsiders.

    The success on outsiders is what anybody learns from medicine alone: it is taken away (as Anonymeter
    does).
    """
    return (on_members - on_outsiders) / (1 - on_outsiders) if on_outsiders < 1 else 0.0
