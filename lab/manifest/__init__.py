"""Read the manifest of an application (APP.toml) into a system under test."""

from lab.manifest.read import ManifestError, read_manifest

__all__ = ["ManifestError", "read_manifest"]
