"""Whether an application can be brought to several sizes at once, and if not, what its manifest lacks."""

from lab.model.target import SystemUnderTest


def refusal(subject: SystemUnderTest) -> str | None:
    """Return why an application cannot be brought to several sizes, None when it can."""
    server = subject.server
    if server is None:
        return "Growth is measured on a server, and this application is a client only: give it a [server]."
    if subject.start is None:
        return (
            "Growth needs an instance for each size, and this manifest says only where one runs already: "
            "give it a [start] section, so that the laboratory can start several."
        )
    if subject.client is None and not server.seed_patients:
        return (
            "Growth needs patients, and this application neither pulls them from the hospital nor lets "
            "itself be filled: give it a [client], or server.seed_patients (any number: the sizes decide)."
        )
    if "{port}" not in server.base_url:
        return (
            f"Growth needs instances side by side, and server.base_url is always {server.base_url}: let "
            "{port} choose its port."
        )
    return None
