"""Puts the parts together and runs them in one process: the poller, the page and the facade."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator

import httpx
import uvicorn

from tableau_urgences.board import Board
from tableau_urgences.events import alert, event, start_log
from tableau_urgences.facade.consumers import Consumers, ConsumersError, Gate, read_consumers
from tableau_urgences.facade.server import Facade
from tableau_urgences.hospital.client import HospitalClient
from tableau_urgences.hospital.keys import KeyFileError, load_key, published
from tableau_urgences.hospital.poller import Poller
from tableau_urgences.hospital.tokens import TokenSource
from tableau_urgences.hospital.transport import Transport, open_http
from tableau_urgences.settings import SettingError, Settings, read_settings
from tableau_urgences.site import Site


class _Server(uvicorn.Server):
    """Stops when told to, without the signal being raised again once it has stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


class Program:
    """The application; a subclass may put another part in the place of one of these."""

    transport: type[Transport] = Transport
    tokens: type[TokenSource] = TokenSource
    client: type[HospitalClient] = HospitalClient
    poller: type[Poller] = Poller
    site: type[Site] = Site
    board_kind: type[Board] = Board

    def __init__(self, settings: Settings, consumers: Consumers) -> None:
        self.settings = settings
        self.consumers = consumers
        self.board = self.board_kind()

    async def run(self) -> None:
        """Serve and poll until SIGTERM or SIGINT."""
        async with open_http() as http:
            client = self.hospital(http)
            with _listener(self.settings.host, self.settings.port) as listener:
                server = self.listen(listener, client, http)
                polling = asyncio.create_task(self.poller(client, self.board, self.settings).run())
                serving = asyncio.create_task(server.serve(sockets=[listener]))
                await asyncio.wait({polling, serving}, return_when=asyncio.FIRST_COMPLETED)
                server.should_exit = True
                polling.cancel()
                await serving
                with contextlib.suppress(asyncio.CancelledError):
                    await polling

    def hospital(self, http: httpx.AsyncClient) -> HospitalClient:
        """Return the client of the hospital."""
        transport = self.transport(http, self.settings.poll_interval_s)
        return self.client(self.settings.fhir_base_url, transport, self.tokens(transport, self.settings))

    def keys(self) -> dict[str, object]:
        """Return the public keys in use now: the file may have been replaced."""
        return published(load_key(self.settings.key_file, self.settings.key_id))

    def listen(
        self, listener: socket.socket, client: HospitalClient, http: httpx.AsyncClient
    ) -> uvicorn.Server:
        """Return the server of the page and the facade, whose tokens are verified without waiting."""
        host, port = listener.getsockname()[:2]
        impatient = TokenSource(Transport(http, 0, max_tries=1), self.settings)
        gate = Gate(self.consumers, impatient.introspect)
        facade = Facade(self.board, gate, f"http://{host}:{port}/fhir", impatient.configuration)
        event("listening", page=f"http://{host}:{port}/", fhir=facade.base_url)
        config = uvicorn.Config(
            self.site(self.board, gate, facade, client.transport, self.keys),
            http="httptools",
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="critical",  # every request leaves its line in our own log
            timeout_graceful_shutdown=1,
        )
        return _Server(config)


def _listener(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 lets the system choose."""
    # asyncio sends small answers without delay only on sockets that name their protocol.
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(1024)
    return listener


def main(program: type[Program] = Program) -> None:
    """Run the program that the environment variables describe."""
    start_log()
    try:
        settings = read_settings(os.environ)
        load_key(settings.key_file, settings.key_id)
        consumers = read_consumers(settings.consumers_file)
    except (SettingError, KeyFileError, ConsumersError) as error:
        alert("cannot_start", why=str(error))
        raise SystemExit(2) from None
    asyncio.run(program(settings, consumers).run())
    event("stopped")


if __name__ == "__main__":
    main()
