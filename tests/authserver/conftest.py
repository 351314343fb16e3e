"""A token server on a port of the system, its journal at hand."""

import asyncio
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from assertion_bench import registry
from token_bench import Bench

from lab.authserver import application
from lab.authserver.assertion import UsedIds
from lab.authserver.tokens import Tokens
from lab.journal.journal import Journal
from lab.journal.redact import Redactor


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    path = tmp_path_factory.mktemp("tokens") / "journal.jsonl"
    journal, known, tokens = Journal(path, "G"), registry(), Tokens()
    server = application.TokenServer(url, known, tokens, UsedIds(), journal, Redactor(bytes(32)), 0.0)
    config = uvicorn.Config(
        application.application(server),
        http="httptools",
        lifespan="off",
        log_level="critical",
        access_log=False,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listener])))
    thread.start()
    deadline = time.monotonic() + 10
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.005)
    with httpx.Client(trust_env=False) as http:
        yield Bench(server, http, path)
    running.should_exit = True
    thread.join()
    journal.close()
