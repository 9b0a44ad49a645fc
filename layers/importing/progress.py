"""One line that says how far a long job is, how fast it goes and how long it still takes."""

import time
from collections.abc import Callable


class Progress:
    """Calls `write` at most twice a second with `what: done of total, rate, time left`."""

    def __init__(self, what: str, write: Callable[[str], None], *, every: float = 0.5) -> None:
        self.what, self.write, self.every = what, write, every
        self.began = self.told = 0.0

    def __call__(self, done: int, total: int) -> None:
        moment = time.monotonic()
        if not self.began:
            self.began = self.told = moment
        if moment - self.told < self.every or not done:
            return
        self.told = moment
        rate = done / (moment - self.began)
        self.write(f"{self.what}: {done} / {total}, {rate:.0f}/s, {(total - done) / rate:.0f} s")
