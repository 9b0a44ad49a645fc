"""The diagram of a process: boxes in columns, one row an outcome, arrows from rows to boxes. Drawn as SVG.

Columns are longest ways from the beginning (Sugiyama's layering, with the arrows that lead back left
out); within a column boxes stand where their arrows come from. An arrow to the next column goes
straight; one that leaps over columns goes above everything, one that leads back goes below. So no
arrow crosses a box.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from issues.catalogue.processes import REJECTED, RESOLVED, Process, Step

WIDTH, LINE, PAD, GAP_X, GAP_Y, LANE = 232, 18, 10, 76, 28, 16
MARGIN = 28  # left of the first column, for arrows that lead back to it
LETTERS = 30  # that fit the width of a box
ENDS = {RESOLVED: "end-good", REJECTED: "end-bad"}


@dataclass(slots=True)
class Row:
    """One outcome: its lines of text, where it leads, and its middle below the top of its box."""

    lines: list[str]
    next: tuple[str, ...]
    middle: float


@dataclass(slots=True)
class Box:
    """A step as it is drawn."""

    code: str
    title: list[str]
    note: list[str]
    rows: list[Row]
    height: float
    column: int = 0
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Drawing:
    """Boxes placed, with the arrows between them."""

    boxes: dict[str, Box]
    paths: list[str] = field(default_factory=list)
    above: int = 0
    below: int = 0

    @property
    def width(self) -> float:
        return max(b.x for b in self.boxes.values()) + WIDTH + GAP_X / 2

    @property
    def height(self) -> float:
        return max(b.y + b.height for b in self.boxes.values())


def draw(process: Process, teams: dict[str, str]) -> SafeString:
    """The process as SVG; `teams` are the words for the team of each step, by its code."""
    boxes = {s.code: _box(s, teams[s.code]) for s in process.steps}
    back = _backwards(process)
    _columns(process, boxes, back)
    _stack(process, boxes)
    drawing = Drawing(boxes)
    for box in boxes.values():
        for row in box.rows:
            for target in row.next:
                if target in boxes:
                    drawing.paths.append(_arrow(drawing, box, row, boxes[target]))
    return _svg(process, drawing)


def _box(step: Step, team: str) -> Box:
    title = wrap(step.name, LETTERS - 2)
    share = round(100 * step.share)
    note = wrap(f"{team} · {share} %", LETTERS + 4)
    y = PAD + LINE * len(title) + LINE * len(note) + PAD
    rows = []
    for outcome in step.outcomes.values():
        lines = wrap(outcome.name, LETTERS)
        height = LINE * len(lines) + 6
        rows.append(Row(lines, outcome.next, y + height / 2))
        y += height
    return Box(step.code, title, note, rows, y + PAD / 2)


def _backwards(process: Process) -> frozenset[tuple[str, str]]:
    """The arrows that lead back to a step on the way to them, found going forward from the beginning."""
    back: set[tuple[str, str]] = set()
    seen: set[str] = set()

    def go(code: str, way: tuple[str, ...]) -> None:
        seen.add(code)
        for target in process.step(code).next:
            if target in (*way, code):
                back.add((code, target))
            elif target not in seen:
                go(target, (*way, code))

    for start in (*process.begins(), *process.begins(reopened=True)):
        if start not in seen:
            go(start, ())
    return frozenset(back)


def _columns(process: Process, boxes: dict[str, Box], back: frozenset[tuple[str, str]]) -> None:
    for _round in boxes:  # the longest way has no more arrows than there are steps
        for step in process.steps:
            for target in step.next:
                if (step.code, target) not in back:
                    ahead = boxes[step.code].column + 1
                    boxes[target].column = max(boxes[target].column, min(ahead, len(boxes) - 1))


def _stack(process: Process, boxes: dict[str, Box]) -> None:
    """Boxes of a column one below the other, in the order in which arrows come to them."""
    for column in range(max(b.column for b in boxes.values()) + 1):
        wished = [(_wish(process, boxes, b), b.code) for b in boxes.values() if b.column == column]
        floor = 0.0
        for wish, code in sorted(wished):
            box = boxes[code]
            box.x, box.y = column * (WIDTH + GAP_X) + 2, max(floor, wish)
            floor = box.y + box.height + GAP_Y


def _wish(process: Process, boxes: dict[str, Box], box: Box) -> float:
    """Where a box would stand if it were alone: level with the first row that leads to it."""
    comes = [
        other.y + row.middle
        for other in boxes.values()
        if other.column < box.column
        for row in other.rows
        if box.code in row.next
    ]
    return max(min(comes, default=0.0) - PAD - LINE / 2, 0.0)


def _arrow(drawing: Drawing, box: Box, row: Row, target: Box) -> str:
    x, y = box.x + WIDTH, box.y + row.middle
    end_x, end_y = target.x - 5, target.y + PAD + LINE / 2
    if target.column == box.column + 1:
        half = GAP_X / 2
        return (
            f"M{x:.0f} {y:.0f}C{x + half:.0f} {y:.0f} {end_x - half:.0f} {end_y:.0f} {end_x:.0f} {end_y:.0f}"
        )
    turn, into = x + GAP_X * 0.3, end_x - GAP_X * 0.25
    if target.column > box.column:
        drawing.above += 1
        lane = float(-LANE * drawing.above)
    else:
        drawing.below += 1
        lane = drawing.height + LANE * drawing.below
    return (
        f"M{x:.0f} {y:.0f}Q{turn:.0f} {y:.0f} {turn:.0f} {(y + lane) / 2:.0f}L{turn:.0f} {lane:.0f}"
        f"L{into:.0f} {lane:.0f}L{into:.0f} {end_y:.0f}L{end_x:.0f} {end_y:.0f}"
    )


def _svg(process: Process, drawing: Drawing) -> SafeString:
    top = -LANE * (drawing.above + 1)
    height = drawing.height + LANE * (drawing.below + 1) - top
    width = drawing.width + MARGIN
    title = _("Etapas de %(name)s") % {"name": process.name}
    parts = [
        f'<svg class="flow" role="img" viewBox="{-MARGIN} {top:.0f} {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}"><title>{escape(title)}</title>'
        '<defs><marker id="flow-head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8"'
        ' orient="auto"><path class="flow-head" d="M0 0L8 4L0 8z"/></marker></defs>'
    ]
    parts += [f'<path class="flow-line" d="{p}" marker-end="url(#flow-head)"/>' for p in drawing.paths]
    starts = process.begins()
    for box in drawing.boxes.values():
        parts += _drawn(box, starts=box.code in starts)
    return mark_safe("".join(parts) + "</svg>")  # noqa: S308 - every text in it is escaped


def _drawn(box: Box, *, starts: bool) -> Iterator[str]:
    kind = "flow-box first" if starts else "flow-box"
    yield f'<g transform="translate({box.x:.0f} {box.y:.0f})">'
    yield f'<rect class="{kind}" width="{WIDTH}" height="{box.height:.0f}" rx="8"/>'
    y = float(PAD)
    yield _text("flow-title", box.title, y)
    y += LINE * len(box.title)
    yield _text("flow-note", box.note, y)
    for row in box.rows:
        half = (LINE * len(row.lines) + 6) / 2
        yield f'<path class="flow-rule" d="M0 {row.middle - half:.0f}h{WIDTH}"/>'
        yield _text("flow-outcome", row.lines, row.middle - half + 3)
        for end in (e for e in row.next if e in ENDS):
            yield f'<circle class="flow-{ENDS[end]}" cx="{WIDTH - 12}" cy="{row.middle:.0f}" r="5"/>'
    yield "</g>"


def _text(kind: str, lines: Sequence[str], y: float) -> str:
    spans = "".join(
        f'<tspan x="{PAD}" y="{y + LINE * n + 13:.0f}">{escape(line)}</tspan>' for n, line in enumerate(lines)
    )
    return f'<text class="{kind}">{spans}</text>'
