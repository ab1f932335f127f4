"""Pooling windows whose largest values lie within NEAR of each other, and what turning their switches does.

Which of two such cells is the maximum depends on the last bits of a convolution, so two right implementations may
choose differently; a patch of one colour has such windows by the thousand. The same holds of a window whose largest value is
zero but for rounding: one implementation finds 0 everywhere and takes the first cell, the other a trace of activation.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from deconvnet import relative_error

NEAR = 1e-5  # of the larger value
ROUNDING = 1e-6  # of the layer's largest value: what counts as zero but for rounding
GUESSES = 24
ROUNDS = 64


@dataclass(frozen=True)
class Tie:
    """One such window: its place, its largest value, and a cell that comes near it, both before the ReLU."""

    node: str
    feature: int
    y: int
    x: int
    first: float
    second: float
    place: int  # of the other cell, in its plane

    def __str__(self):
        return f"{self.node} map {self.feature} window ({self.y}, {self.x}): {self.first:.9g} and {self.second:.9g}"


def explain(net, trace, stage, seed, stored, enough):
    """Turns switches of near-tied windows for as long as that brings the projection nearer to the stored one. Returns
    those windows and the relative error that is left, `enough` or less where they explain the difference."""
    turned = []
    error = relative_error(stored, net.project(trace, stage, seed))
    while error > enough and len(turned) < ROUNDS:
        switches = switched(trace.switches, turned)
        tried = {tie: _error_with(net, trace, stage, seed, stored, [*turned, tie])
                 for tie in _most_telling(net, trace, stage, seed, stored, switches)}
        best = min(tried, key=tried.get, default=None)
        if best is None or tried[best] >= error:
            break
        turned.append(best)
        error = tried[best]
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
    """The near ties whose turning would, to first order, do most for the agreement. What moving a unit of signal from
    cell to cell changes along the difference is the gradient of their inner product."""
    unpooled, found = {}, []
    own = net.project(trace, stage, seed, switches, unpooled)
    (own * (stored.to(own.dtype) - own.detach())).sum().backward()
    for pool, (signal, plane) in unpooled.items():
        cells, places = _windows(trace.pooled[pool], signal.shape[1:])
        largest = cells.amax(3, keepdim=True)
        zero = ROUNDING * float(trace.pooled[pool].max())
        near = torch.where(largest > zero, cells >= largest * (1 - NEAR), (largest >= -zero) & (cells >= -zero))
        near[..., 0] |= (largest[..., 0] >= -zero) & (largest[..., 0] <= zero)
        at = (near & (places[None] != switches[pool][..., None])).nonzero()
        feature, y, x, cell = at.unbind(1)
        gradient = plane.grad.flatten(1)
        place = places[y, x, cell]
        gain = signal[feature, y, x] * (gradient[feature, place] - gradient[feature, switches[pool][feature, y, x]])
        for best in gain.argsort(descending=True)[:GUESSES].tolist():
            if gain[best] > 0:
                f, i, j, c = at[best].tolist()
                tie = Tie(pool, f, i, j, float(largest[f, i, j]), float(cells[f, i, j, c]), int(place[best]))
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
