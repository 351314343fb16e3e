"""Whether an application can be brought to several sizes, side by side or in place; if not, what it lacks."""

from lab.model.target import SystemUnderTest


def grows_in_place(subject: SystemUnderTest) -> bool:
    """Tell whether there is one instance only: it runs already, or always at the same address."""
    return subject.server is not None and (subject.start is None or "{port}" not in subject.server.base_url)


def refusal(subject: SystemUnderTest) -> str | None:
    """Return why an application cannot be brought to several sizes, None when it can."""
    server = subject.server
    if server is None:
        return "Growth is measured on a server, and this application is a client only: give it a [server]."
    if server.seed_patients:
        return None
    if grows_in_place(subject):
        return (
            "Growth needs an instance for each size, and this manifest knows of one only: give it a [start] "
            "section with {port} in server.base_url, so that the laboratory can start several, or let that "
            "one be filled, and emptied, in place: server.seed_patients (any number: the sizes decide)."
        )
    if subject.client is None:
        return (
            "Growth needs patients, and this application neither pulls them from the hospital nor lets "
            "itself be filled: give it a [client], or server.seed_patients (any number: the sizes decide)."
        )
    return None
