"""Read and check one manifest; every mistake gets one sentence that says what to do.

Schema: ``lab/manifest/manifest.schema.json`` (JSON Schema 2020-12).
"""

import hashlib
import json
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from lab.fhir.element_path import PathError, parse_path
from lab.fhir.permission import compile_permission
from lab.fhir.policy import PolicyError
from lab.fhir.scopes import ScopeError, parse_scopes
from lab.manifest.json_files import JsonFileError, read_library, read_object
from lab.manifest.platforms import read_platform
from lab.model.loopback import is_loopback
from lab.model.target import (
    IDENTITIES,
    ClientRole,
    Identity,
    LoadPromise,
    ServerRole,
    Start,
    SystemUnderTest,
)
from lab.model.words import Role


class ManifestError(ValueError):
    """A manifest that cannot be used."""


def read_manifest(path: Path) -> SystemUnderTest:
    """Read the manifest of an application.

    Raises:
        ManifestError: the file is missing, is not TOML, or breaks the schema of manifests.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ManifestError(
            f"No manifest at {path} ({error.strerror}): give the path of an APP.toml, or make one: lab init."
        ) from None
    try:
        data = tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} is not TOML ({error}): correct the file.") from None
    mistakes = sorted(_validator().iter_errors(data), key=lambda mistake: list(map(str, mistake.path)))
    if mistakes:
        raise ManifestError(f"{path}: {_sentence(mistakes[0])}")
    return _subject(data, path, hashlib.sha256(source).hexdigest())


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((files("lab.manifest") / "manifest.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _sentence(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "the manifest"
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = next(name for name in error.instance if name not in known)
        near = get_close_matches(unknown, known, 1)
        hint = f" Did you mean {near[0]!r}?" if near else f" Known keys: {', '.join(known)}."
        return f"unknown key {unknown!r} in {where}.{hint}"
    return f"at {where}, {error.message}."


def _subject(data: dict[str, Any], path: Path, digest: str) -> SystemUnderTest:
    about = data["application"]
    roles = tuple(Role(role) for role in about["roles"])
    for role in roles:
        if role not in data:
            raise ManifestError(f"{path}: the role {role!r} needs a [{role}] section, which is missing.")
    folder = path.resolve().parent
    return SystemUnderTest(
        vendor=about["vendor"],
        name=about["name"],
        version=about["version"],
        roles=roles,
        folder=str(folder),
        digest=digest,
        start=_start(data["start"], folder, path) if "start" in data else None,
        client=_client(data["client"], folder, path) if Role.CLIENT in roles else None,
        server=_server(data["server"], folder, path, _owned(about, path)) if Role.SERVER in roles else None,
        load=LoadPromise(**data["load"]) if "load" in data else None,
        own_checks=_own_checks(about, folder, path),
    )


def _own_checks(about: dict[str, Any], folder: Path, path: Path) -> str:
    """Return the folder of the checks that the vendor adds; they are no part of the verdict."""
    if "own_checks" not in about:
        return ""
    checks = folder / about["own_checks"]
    if not any(checks.glob("check_*.py")):
        raise ManifestError(
            f"{path}: application.own_checks {checks} holds no file check_*.py: correct the path, or "
            "leave the key out (docs/vendor-checks.md)."
        )
    return str(checks)


def _owned(about: dict[str, Any], path: Path) -> frozenset[str]:
    """Return the hosts, besides this machine, that the manifest declares its author's own to attack."""
    if bool(about.get("i_own_this_system")) != bool(about.get("hosts")):
        raise ManifestError(
            f"{path}: application.i_own_this_system = true and application.hosts go together: declare that "
            "you own the system under test, and list the hosts that may be attacked and loaded."
        )
    return frozenset(about.get("hosts", ()))


def _start(data: dict[str, Any], folder: Path, path: Path) -> Start:
    directory = folder / data.get("directory", ".")
    if not directory.is_dir():
        raise ManifestError(f"{path}: start.directory {directory} is no folder: correct the path.")
    return Start(**{**data, "command": tuple(data["command"]), "directory": str(directory)})


def _client(data: dict[str, Any], folder: Path, path: Path) -> ClientRole:
    try:
        permission = read_object(folder / data["permission"])
        jwks = read_object(folder / data["jwks"]) if "jwks" in data else None
        library = read_library(folder, data.get("library", []))
    except JsonFileError as error:
        raise ManifestError(f"{path}: [client]: {error}") from None
    try:
        parse_scopes(data["scopes"])
        compile_permission(permission, data["client_id"], library)
    except ScopeError as error:
        raise ManifestError(f"{path}: client.scopes: {error}") from None
    except PolicyError as error:
        raise ManifestError(f"{path}: client.permission ({data['permission']}): {error}") from None
    artefacts = tuple(data.get("artefacts", ()))
    for name in artefacts:
        if not (folder / name).exists():
            raise ManifestError(
                f"{path}: client.artefacts names {name}, which is not there: correct the path."
            )
    parts = {"permission": permission, "jwks": jwks, "library": library, "artefacts": artefacts}
    return ClientRole(**{**data, **parts})


def _server(data: dict[str, Any], folder: Path, path: Path, owned: frozenset[str]) -> ServerRole:
    for key in sorted({"base_url", "token_url", "upstream_url"} & data.keys()):
        if not is_loopback(data[key]) and urlsplit(data[key]).hostname not in owned:
            raise ManifestError(
                f"{path}: server.{key} is {data[key]!r}: only this machine is attacked and loaded, and hosts "
                "that are declared your own. Run the application here, or set application.i_own_this_system "
                "= true and list its host in application.hosts."
            )
    identities = tuple(_identity(identity, path) for identity in data["identities"])
    if identities[0].name != "full" or len({identity.name for identity in identities}) != len(identities):
        raise ManifestError(
            f"{path}: server.identities must be 'full', then others of other names "
            f"({', '.join(IDENTITIES[1:])})."
        )
    _check_networks(data, path)
    if data.get("canary") == "api" and data.get("read_only", True):
        raise ManifestError(f"{path}: server.canary = 'api' needs server.read_only = false.")
    if any(identity.issuer == "application" for identity in identities) and "token_url" not in data:
        raise ManifestError(f"{path}: server.token_url is missing: an identity is issued by the application.")
    if data.get("seed_patients") and data.get("read_only", True):
        raise ManifestError(f"{path}: server.seed_patients needs server.read_only = false.")
    parts: dict[str, Any] = {"identities": identities, "networks": tuple(data.get("networks", ()))}
    if "certified_capability" in data:
        parts["certified_capability"] = _certified(data["certified_capability"], folder, path)
    if "platform" in data:
        try:
            parts["platform"] = read_platform(data["platform"], folder)
        except JsonFileError as error:
            raise ManifestError(f"{path}: server.platform: {error}") from None
    return ServerRole(**{**data, **parts})


def _certified(name: str, folder: Path, path: Path) -> dict[str, Any]:
    try:
        found = read_object(folder / name)
    except JsonFileError as error:
        raise ManifestError(f"{path}: server.certified_capability: {error}") from None
    if found.get("resourceType") != "CapabilityStatement":
        raise ManifestError(
            f"{path}: server.certified_capability: {name} is no CapabilityStatement. Give what "
            "[base]/metadata answered when the application was last certified."
        )
    return found


def _check_networks(data: dict[str, Any], path: Path) -> None:
    for network in data.get("networks", ()):
        try:
            ip_network(network)
        except ValueError as error:
            raise ManifestError(
                f"{path}: server.networks: {error}. Expected a CIDR, as 10.3.0.0/16."
            ) from None


def _identity(data: dict[str, Any], path: Path) -> Identity:
    where = f"{path}: the identity {data['name']!r}"
    if data["issuer"] != "nobody" and not (data.get("client_id") and data.get("scopes")):
        raise ManifestError(f"{where} needs client_id and scopes to get a token.")
    try:
        if data.get("scopes"):
            parse_scopes(data["scopes"])
        for masked in data.get("masked", ()):
            parse_path(masked)
    except (ScopeError, PathError) as error:
        raise ManifestError(f"{where}: {error}") from None
    for name in {"inside", "outside", "masked"} & data.keys():
        data[name] = tuple(data[name])
    return Identity(**data)
