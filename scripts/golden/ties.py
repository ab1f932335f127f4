"""Pooling windows whose largest values are too near to each other to tell, and what turning their switches does.

Which of two such cells is the maximum depends on the last bits of a convolution, so two right implementations may
choose differently; a patch of one colour has such windows by the thousand. Near is within NEAR of the larger value.
Where that is small itself, near is also what rounding alone makes of sums of large terms: within ROUNDING of the layer's
largest value. A window that is zero but for rounding is of this kind: one implementation finds 0 everywhere and takes the
first cell, the other finds a trace of activation.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from deconvnet import relative_error

NEAR = 1e-5  # of the larger value
ROUNDING = 1e-6  # of the layer's largest value
GUESSES = 24
ROUNDS = 32


@dataclass(frozen=True)
class Tie:
    """One such window: its place, its largest value and that of a cell that comes near it, zero where the ReLU makes it
    so; the place of that cell in its plane, and the layer's largest value."""

    node: str
    feature: int
    y: int
    x: int
    first: float
    second: float
    place: int
    scale: float

    @property
    def near(self):
        """Whether the values lie within NEAR of each other; else within rounding."""
        return self.first - self.second <= NEAR * self.first

    def __str__(self):
        text = f"{self.node} map {self.feature} window ({self.y}, {self.x}): {self.first:.9g} and {self.second:.9g}"
        return text if self.near and self.first > 0 else f"{text}, zero or near but for rounding in a layer up to {self.scale:.4g}"


def explain(net, trace, stage, seed, stored, enough):
    """Turns switches of near-tied windows for as long as that brings the projection nearer to the stored one. Returns
    those windows and the relative error that is left, `enough` or less where they explain the difference."""
    turned = []
    error = relative_error(stored, net.project(trace, stage, seed))
    for _ in range(ROUNDS):
        before = error
        switches = switched(trace.switches, turned)
        tried = {tie: _error_with(net, trace, stage, seed, stored, [*turned, tie])
                 for tie in _most_telling(net, trace, stage, seed, stored, switches)}
        for tie in sorted(tried, key=tried.get):
            if error <= enough:
                break
            less = _error_with(net, trace, stage, seed, stored, [*turned, tie])
            if less < error:
                turned.append(tie)
                error = less
        if error <= enough or error == before:
            break
    return turned, error


def switched(switches, ties):
    """The switches, those of the ties turned to the other cell."""
    turned = {name: value.clone() for name, value in switches.items()}
    for tie in ties:
        turned[tie.node][tie.feature, tie.y, tie.x] = tie.place
    return turned


def _error_with(net, trace, stage, seed, stored, ties):
    return relative_error(stored, net.project(trace, stage, seed, switched(trace.switches, ties)))


def _most_telling(net, trace, stage, seed, stored, switches):
    """The near ties whose turning would, to first order, do most for the agreement. What moving the signal from cell to
    cell changes along the difference is told by the gradient of their inner product, at the rectified cells."""
    unpooled, found = {}, []
    own = net.project(trace, stage, seed, switches, unpooled)
    (own * (stored.to(own.dtype) - own.detach())).sum().backward()
    for pool, (signal, plane, rectified) in unpooled.items():
        cells, places = _windows(trace.pooled[pool], signal.shape[1:])
        largest = cells.amax(3, keepdim=True)
        scale = float(trace.pooled[pool].max())
        rounding = ROUNDING * scale
        near = cells >= largest - (NEAR * largest).clamp(min=rounding)
        near = torch.where(largest > rounding, near, (largest >= -rounding) & (cells >= -rounding))
        near[..., 0] |= largest[..., 0].abs() <= rounding  # the switch where all are zero
        at = (near & (places[None] != switches[pool][..., None])).nonzero()
        feature, y, x, cell = at.unbind(1)
        moved, gain = signal[feature, y, x], 0
        for place, change in ((switches[pool][feature, y, x], -moved), (places[y, x, cell], moved)):
            before = plane.flatten(1)[feature, place]
            gain = gain + rectified.grad.flatten(1)[feature, place] * (F.relu(before + change) - F.relu(before))
        for best in gain.argsort(descending=True)[:GUESSES].tolist():
            if gain[best] > 0:
                f, i, j, c = at[best].tolist()
                values = (max(0.0, float(value)) for value in (largest[f, i, j], cells[f, i, j, c]))
                tie = Tie(pool, f, i, j, *values, int(places[i, j, c]), scale)
                found.append((float(gain[best]), tie))
    return [tie for _, tie in sorted(found, key=lambda pair: -pair[0])[:GUESSES]]


def _windows(plane, size):
    """Values `[C, rows, columns, 9]` and places `[rows, columns, 9]` of the cells of each 3×3 window at stride 2."""
    _, height, width = plane.shape
    over = (0, 2 * size[1] + 1 - width, 0, 2 * size[0] + 1 - height)
    place = torch.arange(height * width).view(1, height, width)

    def cells(values, outside):
        return F.pad(values, over, value=outside).unfold(1, 3, 2).unfold(2, 3, 2).flatten(3)

    return cells(plane, -torch.inf), cells(place, -1)[0]
