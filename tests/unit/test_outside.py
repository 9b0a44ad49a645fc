"""Calls to machines that somebody else named."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from issues.intake.outside import OutsideFailed, OutsideRefused, fetch, locate, split


class Peer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        if self.path == "/hangs":
            time.sleep(1.5)
            return
        content = b"x" * 5000
        self.send_response(200)
        self.send_header("X-Said", self.headers["Host"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def peer():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://example.org/",
        "https://",
        "https:///path",
        "https://user:password@example.org/",
        "https://example.org:99999/",
        "https://example.org/with space",
        "https://[::1/",
        "https://example.org/" + "x" * 3000,
    ],
)
def test_what_is_no_address_has_no_parts(text):
    assert split(text) is None
    with pytest.raises(OutsideRefused):
        fetch(text)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
     "[fe80::1]", "224.0.0.1", "localhost", "100.64.0.1"],
)  # fmt: skip
def test_a_private_network_is_never_reached(host):
    address = split(f"https://{host}/")
    assert address is not None
    with pytest.raises(OutsideRefused, match="private"):
        locate(address, ())


def test_a_name_that_nobody_knows_is_worth_another_try():
    with pytest.raises(OutsideFailed) as failed:
        fetch("https://no-such-host.invalid/")
    assert not failed.value.was_sent


def test_only_https_unless_asked_otherwise(peer):
    with pytest.raises(OutsideRefused, match="https"):
        fetch("http://example.org/")
    with pytest.raises(OutsideRefused, match="private"):
        fetch(peer, plain=True)


def test_a_trusted_origin_is_called_by_its_name(peer):
    answer = fetch(f"{peer}/picture", trusted=[peer])
    assert (answer.status, len(answer.body)) == (200, 5000)
    assert answer.headers["x-said"] == peer.removeprefix("http://")


def test_a_redirect_is_given_back_and_not_followed(peer):
    answer = fetch(f"{peer}/moved", trusted=[peer])
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")


def test_more_than_the_limit_is_refused(peer):
    with pytest.raises(OutsideRefused, match="more than"):
        fetch(f"{peer}/picture", trusted=[peer], limit_bytes=4999)
    assert len(fetch(f"{peer}/picture", trusted=[peer], limit_bytes=5000).body) == 5000


@pytest.mark.parametrize("path", ["slow", "hangs"])
def test_an_answer_that_takes_too_long_may_have_been_understood(peer, path):
    began = time.monotonic()
    with pytest.raises(OutsideFailed) as failed:
        fetch(f"{peer}/{path}", trusted=[peer], timeout_s=0.3)
    assert failed.value.was_sent
    assert time.monotonic() - began < 1.2


def test_whoever_does_not_listen_was_told_nothing():
    with pytest.raises(OutsideFailed) as failed:
        fetch("http://127.0.0.1:9/", trusted=["http://127.0.0.1:9"])
    assert not failed.value.was_sent
