"""A light load: keep-alive connections from a few processes, so that the client costs little."""

import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What a run of requests showed: answers a second, and milliseconds by percentile."""

    rate: float
    p50: float
    p95: float
    statuses: frozenset[int]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def post(path: str, host: str, body: bytes) -> bytes:
    """A POST of JSON as bytes."""
    kind = "Content-Type: application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str, host: str, cookie: str = "") -> bytes:
    """A GET as bytes."""
    extra = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode()


def run(address: tuple[str, int], batches: Sequence[Sequence[bytes]]) -> Load:
    """Send each batch over one connection of its own, all at once; every answer is read whole."""
    with multiprocessing.get_context("fork").Pool(len(batches)) as pool:
        began = time.perf_counter()
        results = pool.starmap(_client, [(address, batch) for batch in batches], chunksize=1)
        seconds = time.perf_counter() - began
    times = [t for times, _ in results for t in times]
    statuses = frozenset(s for _, seen in results for s in seen)
    return Load(len(times) / seconds, percentile(times, 0.5), percentile(times, 0.95), statuses)


def _client(address: tuple[str, int], batch: Sequence[bytes]) -> tuple[list[float], set[int]]:
    times, statuses = [], set()
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for message in batch:
            began = time.perf_counter()
            connection.sendall(message)
            statuses.add(_read(connection))
            times.append((time.perf_counter() - began) * 1000)
    return times, statuses


def _read(connection: socket.socket) -> int:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("closed in mid-answer")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in lines[1:])
    if fields.get(b"transfer-encoding") == b"chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body = body[-5:] + connection.recv(65536)
        return int(lines[0].split(b" ")[1])
    left = int(fields.get(b"content-length", b"0")) - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 65536)))
    return int(lines[0].split(b" ")[1])
