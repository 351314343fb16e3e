"""Where a plan is played by others: docker compose, or the Kubernetes operator of Locust; both as JSON.

JSON is YAML, and needs no quoting rules of its own. The commands are those that the laboratory starts itself.
Sources: https://docs.locust.io/en/stable/kubernetes-operator.html, https://docs.docker.com/reference/compose-file/
"""

from collections.abc import Iterable
from typing import Any

from lab.load.by_hand import (
    ENTRY,
    ENTRY_FILE,
    PLAN_VARIABLE,
    RESULTS_VARIABLE,
    SECRETS_FILE,
    SECRETS_VARIABLE,
)
from lab.load.children import master_options, worker_options
from lab.load.error import LoadError
from lab.load.judge import PLAN_FILE
from lab.load.plan import LoadPlan
from lab.load.reading import RESULTS_FOLDER
from lab.model.loopback import is_loopback

LOCUST_IMAGE = "locustio/locust:2.47.0"
_ALL = "0.0.0.0"  # noqa: S104 - in the network of the workers, which nobody else is in
WEB_PORT, MASTER_PORT = 8089, 5557
LARGEST_MAP = 1_000_000
"""Bytes: what a ConfigMap holds (1 MiB, https://kubernetes.io/docs/concepts/configuration/configmap/)."""

_AT = "/home/locust"  # where the operator mounts the ConfigMap, and where the image works
_SECRETS_AT = "/run/secrets/load"
_WHEELS_AT = "/opt/wheels"
RESULTS_AT = "/tmp/results"  # noqa: S108 - of a pod, where the ConfigMap makes the working folder read-only


def compose(plan: LoadPlan, user: str) -> dict[str, Any]:
    """Return a compose file: a master with its web page on this machine only, and the workers of the plan.

    Everything runs as ``user`` (``uid:gid``), who alone may read the secrets; the results are left in
    ``results``, which must be there beforehand, or it would belong to root. An application at a loopback
    address, and the local addresses that it must refuse, are reached from the network of the host only.
    """
    here = is_loopback(plan.base_url)
    listens, master = ("127.0.0.1", "127.0.0.1") if here else (_ALL, "master")
    page = ["--web-host", listens] if here else []
    published = {"ports": [f"127.0.0.1:{WEB_PORT}:{WEB_PORT}"]}
    image = {
        "image": "fhir-load",
        "build": {"context": "."},
        "user": user,
        **({"network_mode": "host"} if here else {}),
        "environment": {PLAN_VARIABLE: f"{_AT}/{PLAN_FILE}", SECRETS_VARIABLE: _SECRETS_AT},
        "volumes": [f"./{name}:{_AT}/{name}:ro" for name in (PLAN_FILE, ENTRY_FILE)],
    }
    load = ["-f", f"{_AT}/{ENTRY_FILE}"]
    results = [*image["volumes"], f"./{RESULTS_FOLDER}:/results"]
    return {
        "services": {
            "master": {
                **image,
                "command": [*load, *master_options(plan.workers, listens, MASTER_PORT), *page],
                **({} if here else published),
            },
            "worker": {
                **image,
                "volumes": results,
                "working_dir": "/results",
                "command": [*load, *worker_options(master, MASTER_PORT)],
                "secrets": ["load"],
                "depends_on": ["master"],
                "deploy": {"replicas": plan.workers},
            },
        },
        "secrets": {"load": {"file": f"./{SECRETS_FILE}"}},
    }


def build_files(requirement: str) -> dict[str, str]:
    """Return what the image of the compose file is built from, by file name.

    ``requirement`` is what pip installs into Locust's image: a name, or a wheel that stands beside them.
    Nothing else of the folder is sent to the builder, the secrets least of all. The Dockerfile is a file of
    its own: one within the compose file is for BuildKit only.
    """
    wheel = requirement.endswith(".whl")
    lines = (
        f"FROM {LOCUST_IMAGE}",
        "USER root",  # Locust's own user may not install anything for all
        *([f"COPY {requirement} {_WHEELS_AT}/"] if wheel else []),
        f"RUN pip install --no-cache-dir {_WHEELS_AT + '/' if wheel else ''}{requirement}",
        "USER locust",
    )
    sent = ("*", *([f"!{requirement}"] if wheel else []))
    return {"Dockerfile": _text(lines), ".dockerignore": _text(sent)}


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def locust_test(plan: LoadPlan, image: str, secrets: str = "") -> dict[str, Any]:
    """Return a ConfigMap with the plan and the LocustTest that plays it.

    The operator mounts no Secret: ``secrets`` is the path where whatever injects secrets into the pods of the
    cluster puts the file, empty where no identity has any.

    Raises:
        LoadError: the plan is larger than a ConfigMap.
    """
    text = plan.public().to_json().decode()
    if len(text.encode()) > LARGEST_MAP:
        message = (
            f"This plan takes {len(text.encode()):,} bytes and a ConfigMap holds {LARGEST_MAP:,}: write a "
            "shorter one (--duration, --scale), or play it with docker compose."
        )
        raise LoadError(message)
    name = f"fhir-load-{plan.profile.lower()}"
    options = " ".join(master_options(plan.workers, "", None))
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": name},
                "data": {ENTRY_FILE: ENTRY, PLAN_FILE: text},
            },
            {
                "apiVersion": "locust.io/v1",
                "kind": "LocustTest",
                "metadata": {"name": name},
                "spec": {
                    "image": image,
                    "workers": plan.workers,
                    "args": options,
                    "env": [
                        {"name": PLAN_VARIABLE, "value": f"{_AT}/{PLAN_FILE}"},
                        {"name": RESULTS_VARIABLE, "value": RESULTS_AT},
                        *([{"name": SECRETS_VARIABLE, "value": secrets}] if secrets else []),
                    ],
                    "locustfile": {"configMap": {"name": name}},
                },
            },
        ],
    }
