"""The replayed command says exactly what was recorded, and no shell can be led astray by it."""

import os
import shlex
import subprocess
from typing import Any

import pytest
from sample_exchanges import exchange, sample_exchanges

from reports.curl import curl

BASIC = ["curl", "--include", "--globoff", "--path-as-is"]


def _words(recorded: dict[str, Any]) -> list[str]:
    return shlex.split(curl(recorded).replace(" \\\n", " "))


def _through_a_shell(recorded: dict[str, Any], variables: dict[str, str] | None = None) -> list[str]:
    """Let a real shell read the command and return the arguments that ``curl`` would get."""
    program = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{curl(recorded)}\n"
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(variables or {})}
    done = subprocess.run(["/bin/sh", "-c", program], capture_output=True, check=True, env=env, timeout=10)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def test_plain_get() -> None:
    assert _words(exchange("x")) == [
        *BASIC,
        *("--header", "Accept: application/fhir+json"),
        *("--header", "Authorization: Bearer $TOKEN"),
        *("--url", "http://127.0.0.1:8443/fhir/Patient"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'it\'s "quoted" $HOME `id` $(id) \\ ; rm -rf / & | > < * ? ! # ~',
        "line one\nline two",
        "$TOKEN is not ours",
        "@/etc/passwd",
        "-o/etc/x",
        "é 日本",
    ],
)
def test_quoting_round_trips_through_shlex_and_a_shell(text: str) -> None:
    recorded = exchange(
        "x",
        method="POST",
        url=f"http://127.0.0.1/{text}",
        request_headers=[["Content-Type", "text/plain"], ["X-Text", text]],
        request_body=text,
    )
    wanted = [
        *BASIC,
        *("--request", "POST"),
        *("--header", "Content-Type: text/plain"),
        *("--header", f"X-Text: {text}"),
        *("--data-raw", text),
        *("--url", f"http://127.0.0.1/{text}"),
    ]
    assert _words(recorded) == wanted
    assert _through_a_shell(recorded, {"TOKEN": "expanded"}) == wanted[1:]


def test_digests_become_variables_that_the_shell_fills_in() -> None:
    recorded = exchange(
        "x",
        method="POST",
        request_headers=[
            ["Authorization", "Bearer h:0f3a9c51b7e2"],
            ["X-Api-Key", "h:aaaaaaaaaaaa"],
            ["Cookie", "a=h:bbbbbbbbbbbb; b=h:0f3a9c51b7e2"],
            ["Content-Type", "application/x-www-form-urlencoded"],
        ],
        request_body="client_assertion=h%3Acccccccccccc&x=h:dddddddddddd&authorization=h:eeeeeeeeeeee",
    )
    words = _words(recorded)
    assert "h:" not in " ".join(words).replace("path-as-is", "")
    assert "Authorization: Bearer $TOKEN" in words
    assert "X-Api-Key: $X_API_KEY" in words
    assert "Cookie: a=$A; b=$TOKEN" in words
    assert "client_assertion=$CLIENT_ASSERTION&x=$X&authorization=$TOKEN_2" in words
    variables = {
        "TOKEN": "t'1",
        "TOKEN_2": "2",
        "CLIENT_ASSERTION": "c 2",
        "X_API_KEY": "k",
        "A": "",
        "X": "$X",
    }
    filled = _through_a_shell(recorded, variables)
    assert "Authorization: Bearer t'1" in filled
    assert "client_assertion=c 2&x=$X&authorization=2" in filled


def test_words_that_only_look_like_digests_stay() -> None:
    url = "http://127.0.0.1/auth:0123456789ab/h:0123456789abc"
    assert _words(exchange("x", url=url))[-1] == url


def test_no_file_can_be_read_by_the_replay() -> None:
    recorded = exchange(
        "x",
        url="file:///etc/passwd",
        request_headers=[["@/etc/passwd", "x"], ["X-Empty", ""]],
        request_body="@/etc/passwd",
    )
    words = _through_a_shell(recorded, {"BASE_URL": "http://127.0.0.1:1"})
    assert words[3:] == [
        *("--request", "GET"),
        *("--header", "X-Empty;"),
        *("--header", "Content-Type:"),
        *("--data-raw", "@/etc/passwd"),
        *("--url", "http://127.0.0.1:1file:///etc/passwd"),
    ]


def test_headers_that_curl_computes_are_left_to_it_but_a_forged_host_stays() -> None:
    headers = [
        ["Content-Length", "3"],
        ["Accept-Encoding", "gzip"],
        ["Host", "127.0.0.1:8443"],
        ["Host", "evil"],
    ]
    words = _words(exchange("x", request_headers=headers))
    assert words == [*BASIC, "--header", "Host: evil", "--url", "http://127.0.0.1:8443/fhir/Patient"]


def test_head_asks_for_no_body() -> None:
    assert "--head" in _words(exchange("x", method="HEAD"))


def test_every_sample_can_be_replayed() -> None:
    for recorded in sample_exchanges():
        assert _through_a_shell(recorded)[-2] == "--url"
