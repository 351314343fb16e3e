"""What the interactions share: the store, the page links, the exports and the published addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.fhirserver.operations.export_jobs import Exports
from lab.fhirserver.page import Pages
from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions.sender import Sender


@dataclass(frozen=True)
class Server:
    """``security_urls`` are published in the CapabilityStatement: ``token`` and others."""

    store: Store
    pages: Pages
    exports: Exports
    sender: Sender
    security_urls: Mapping[str, str] = field(default_factory=dict)
