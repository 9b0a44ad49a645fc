"""A crowd that holds thousands of streams open from one process, and notes when each event arrived."""

import multiprocessing
import re
import resource
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

ARRIVED = re.compile(rb"(?m)^id: (\d+)\ndata: ")
Heard = list[list[tuple[int, float]]]
"""By stream: the events that came, each with its moment on the machine's monotonic clock."""


@contextmanager
def crowd(address: tuple[str, int], paths: Sequence[str]) -> Iterator["Crowd"]:
    """One stream a path, all open when the block begins."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_hold, args=(theirs, address, paths))
    process.start()
    try:
        assert ours.poll(120), "the streams did not open"
        assert ours.recv() == len(paths)
        yield Crowd(ours)
    finally:
        process.terminate()
        process.join()


class Crowd:
    """What the crowd can be asked."""

    def __init__(self, link: Connection) -> None:
        self._link = link

    def heard(self, events: int, seconds: float = 30) -> Heard:
        """What each stream has heard since the last question, once each has `events` or time is up."""
        self._link.send((events, seconds))
        heard: Heard = self._link.recv()
        return heard


def _hold(link: Connection, address: tuple[str, int], paths: Sequence[str]) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    order: dict[int, int] = {}
    for number, path in enumerate(paths):
        opened = socket.create_connection(address)
        opened.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        sockets[opened.fileno()] = opened
        order[opened.fileno()] = number
    waiting = set(sockets)
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    while waiting:
        waiting -= {number for number, _ in poll.poll(1) if b"retry" in sockets[number].recv(65536)}
    link.send(len(paths))
    heard: Heard = [[] for _ in paths]
    events, until = 1 << 60, float("inf")
    while True:
        for number, _ in poll.poll(0.05):
            text = sockets[number].recv(262_144)
            now = time.monotonic()
            heard[order[number]] += [(int(event), now) for event in ARRIVED.findall(text)]
        if link.poll():
            events, seconds = link.recv()
            until = time.monotonic() + seconds
        if time.monotonic() > until or (until < float("inf") and min(map(len, heard)) >= events):
            link.send(heard)
            heard = [[] for _ in paths]
            until = float("inf")
