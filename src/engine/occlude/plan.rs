//! Which positions go through the network together.

use network::projective_field::Span;
use network::{Anatomy, Op};

use super::super::Machine;
use super::windows::Windows;

/// Positions along one axis that share the lengths of their windows.
#[derive(Debug, Clone)]
pub(super) struct Class {
    /// Their numbers on the axis.
    pub(super) members: Vec<usize>,
    /// The input's pixels under the square: fewer than its side where it reaches beyond the input.
    hidden: Vec<Span>,
    /// For each node where they lie.
    pub(super) windows: Vec<Windows>,
}

/// What goes through the network in one pass: all pairs of some positions along the rows and along the columns.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) rows: Class,
    pub(super) columns: Class,
}

impl Class {
    fn of(members: Vec<usize>, axis: &Axis<'_>) -> Self {
        let windows = (0..axis.lengths.len())
            .map(|node| {
                let spans: Vec<Span> = members.iter().map(|&at| axis.spans[at][node]).collect();
                Windows::around(&spans, axis.lengths[node])
            })
            .collect();
        Self {
            hidden: members.iter().map(|&at| axis.spans[at][0]).collect(),
            members,
            windows,
        }
    }

    /// Which cells of the input's windows lie under the square, position by position; `None` where all do.
    pub(super) fn hidden_cells(&self) -> Option<Vec<bool>> {
        let windows = &self.windows[0];
        let pairs = windows.starts.iter().zip(&self.hidden);
        let cells = pairs.flat_map(|(&start, span)| {
            let inside = move |cell| (span.start as i64..span.end as i64).contains(&cell);
            (start..start + windows.length).map(inside)
        });
        let cells: Vec<bool> = cells.collect();
        cells.contains(&false).then_some(cells)
    }

    /// The same windows for some of the members.
    fn part(&self, from: usize, to: usize) -> Self {
        Self {
            members: self.members[from..to].to_vec(),
            hidden: self.hidden[from..to].to_vec(),
            windows: self
                .windows
                .iter()
                .map(|windows| Windows {
                    starts: windows.starts[from..to].to_vec(),
                    length: windows.length,
                })
                .collect(),
        }
    }
}

/// A network's geometry.
pub(super) struct Layout<'a> {
    pub(super) anatomy: &'a Anatomy,
    /// Windows are no longer than this part of a map's length.
    pub(super) cap: f64,
    pub(super) machine: Machine,
}

impl Layout<'_> {
    /// The cells of every node that some pixels along an axis can change, cut to the cap around the cell that sees them
    /// at its centre.
    fn spans(&self, axis: usize, changed: Span) -> Vec<Span> {
        let mut spans = self.anatomy.spans(axis, changed);
        if self.cap >= 1.0 {
            return spans;
        }
        let middle = (changed.start + changed.end) as f64 / 2.0;
        let nodes = self.anatomy.shapes().iter().zip(self.anatomy.fields());
        for (span, (shape, field)) in spans.iter_mut().zip(nodes) {
            let length = [shape.height, shape.width][axis];
            let most = ((self.cap * length as f64).ceil() as usize).max(1);
            // Where the units do not run side by side, all of them see everything.
            if field.jump(axis) == 0.0 || span.length() <= most {
                continue;
            }
            let centre = (middle - field.centre(0, axis)) / field.jump(axis);
            let first = (centre - (most - 1) as f64 / 2.0).round().max(0.0) as usize;
            let start = first.clamp(span.start, span.end - most);
            *span = Span {
                start,
                end: start + most,
            };
        }
        spans
    }
}

/// The positions along one axis: what each may change in each node, and the nodes' lengths.
struct Axis<'a> {
    spans: &'a [Vec<Span>],
    lengths: Vec<usize>,
}

/// Groups positions so that the windows of a group are nearly as small as each position's own and the groups large enough
/// for the machine, and cuts the groups so that no node's values take more than `bytes`. Nodes from `end` on are not
/// looked at. The result depends on the arguments alone.
pub(super) fn chunks(
    layout: &Layout<'_>,
    end: usize,
    rows: &[Span],
    columns: &[Span],
    bytes: usize,
) -> Vec<Chunk> {
    let shapes = layout.anatomy.shapes();
    let spans = |axis: usize, changed: &[Span]| -> Vec<Vec<Span>> {
        let each = changed.iter().map(|&span| layout.spans(axis, span));
        each.collect()
    };
    let (rows, columns) = (spans(0, rows), spans(1, columns));
    let rows = Axis {
        spans: &rows,
        lengths: shapes.iter().map(|shape| shape.height).collect(),
    };
    let columns = Axis {
        spans: &columns,
        lengths: shapes.iter().map(|shape| shape.width).collect(),
    };
    let costs = Costs::of(layout, end);
    let (row_classes, column_classes) = costs.classes(&rows, &columns);
    let mut chunks = Vec::new();
    for row_class in &row_classes {
        for column_class in &column_classes {
            let most = (0..end)
                .map(|node| {
                    let cells = row_class.windows[node].length * column_class.windows[node].length;
                    cells as usize * shapes[node].channels * size_of::<f32>()
                })
                .max();
            let positions = (bytes / most.unwrap_or(1).max(1)).max(1);
            let wide = column_class.members.len().min(positions);
            let high = (positions / wide).clamp(1, row_class.members.len());
            for (top, bottom) in parts(row_class.members.len(), high) {
                for (left, right) in parts(column_class.members.len(), wide) {
                    chunks.push(Chunk {
                        rows: row_class.part(top, bottom),
                        columns: column_class.part(left, right),
                    });
                }
            }
        }
    }
    chunks
}

/// So many members in equal parts of at most `most`.
fn parts(members: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = members.div_ceil(most);
    (0..count).map(move |part| (part * members / count, (part + 1) * members / count))
}

/// What the nodes cost.
struct Costs {
    /// For each node, multiplications for each cell of its windows.
    per_cell: Vec<f64>,
    /// For each chunk.
    per_chunk: f64,
}

impl Costs {
    fn of(layout: &Layout<'_>, end: usize) -> Self {
        let machine = &layout.machine;
        let (network, shapes) = (layout.anatomy.network(), layout.anatomy.shapes());
        let mut per_cell = vec![0.0; end];
        let mut per_chunk = 0.0;
        for (index, node) in network.nodes[..end].iter().enumerate() {
            let output = shapes[index].channels as f64;
            per_cell[index] += machine.cell * output;
            per_chunk += machine.start;
            let input = node
                .inputs
                .first()
                .map_or(0, |&input| shapes[input].channels);
            if let Op::Conv { window, groups, .. } = &node.op {
                let weights =
                    output * (window.kernel[0] * window.kernel[1] * input) as f64 / *groups as f64;
                per_cell[index] += weights;
                per_chunk += machine.weight * weights;
            }
            if let Op::ConvTranspose { window, groups, .. } = &node.op {
                let weights =
                    output * (window.kernel[0] * window.kernel[1] * input) as f64 / *groups as f64;
                per_cell[index] += weights / (window.stride[0] * window.stride[1]) as f64;
                per_chunk += machine.weight * weights;
            }
        }
        Self {
            per_cell,
            per_chunk,
        }
    }

    /// Joins the positions along each axis into classes, as many as cost least.
    fn classes(&self, rows: &Axis<'_>, columns: &Axis<'_>) -> (Vec<Class>, Vec<Class>) {
        let high = self.joined(rows, &columns.mean_lengths());
        let wide = self.joined(columns, &rows.mean_lengths());
        let sums = |steps: &[Vec<Group>]| -> Vec<Vec<f64>> {
            steps.iter().map(|step| self.summed_lengths(step)).collect()
        };
        let (high_sums, wide_sums) = (sums(&high), sums(&wide));
        let mut best: Option<(f64, usize, usize)> = None;
        for (r, high_sum) in high_sums.iter().enumerate() {
            for (c, wide_sum) in wide_sums.iter().enumerate() {
                let cells = high_sum.iter().zip(wide_sum).zip(&self.per_cell);
                let cost = cells.map(|((h, w), each)| h * w * each).sum::<f64>()
                    + self.per_chunk * (high[r].len() * wide[c].len()) as f64;
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, r, c));
                }
            }
        }
        let (r, c) = best.map_or((0, 0), |(_, r, c)| (r, c));
        let classes = |steps: Vec<Vec<Group>>, at: usize, axis: &Axis<'_>| -> Vec<Class> {
            let groups = steps.into_iter().nth(at).unwrap_or_default();
            let of = |group: Group| Class::of(group.members, axis);
            groups.into_iter().map(of).collect()
        };
        (classes(high, r, rows), classes(wide, c, columns))
    }

    /// For each node the lengths of all positions' windows together.
    fn summed_lengths(&self, groups: &[Group]) -> Vec<f64> {
        let of = |node: usize| -> f64 {
            let each = groups
                .iter()
                .map(|group| group.lengths[node] * group.members.len() as f64);
            each.sum()
        };
        (0..self.per_cell.len()).map(of).collect()
    }

    /// All positions in a group of their own, then the two that go together best in one, and so on to one group of all;
    /// `across` are the lengths along the other axis.
    fn joined(&self, axis: &Axis<'_>, across: &[f64]) -> Vec<Vec<Group>> {
        let cost = |group: &Group| -> f64 {
            let cells = group.lengths.iter().zip(across).zip(&self.per_cell);
            let each = cells.map(|((length, across), each)| length * across * each);
            each.sum::<f64>() * group.members.len() as f64
        };
        let nodes = self.per_cell.len();
        let mut groups: Vec<Group> = (0..axis.spans.len())
            .map(|at| Group {
                members: vec![at],
                lengths: axis.spans[at][..nodes]
                    .iter()
                    .map(|span| span.length() as f64)
                    .collect(),
            })
            .collect();
        let more = |a: &Group, b: &Group| cost(&a.with(b)) - cost(a) - cost(b);
        // For each group what joining it with each group before it costs.
        let mut pairs: Vec<Vec<f64>> = (0..groups.len())
            .map(|b| (0..b).map(|a| more(&groups[a], &groups[b])).collect())
            .collect();
        let mut steps = vec![groups.clone()];
        while groups.len() > 1 {
            let all = pairs
                .iter()
                .enumerate()
                .flat_map(|(b, row)| row.iter().enumerate().map(move |(a, &cost)| (cost, a, b)));
            let Some((_, a, b)) = all.min_by(|one, other| one.0.total_cmp(&other.0)) else {
                break;
            };
            let second = groups.remove(b);
            pairs.remove(b);
            pairs.iter_mut().skip(b).for_each(|row| {
                let _ = row.remove(b);
            });
            groups[a] = groups[a].with(&second);
            for other in 0..groups.len() {
                let (first, last) = (a.min(other), a.max(other));
                if first < last {
                    pairs[last][first] = more(&groups[first], &groups[last]);
                }
            }
            steps.push(groups.clone());
        }
        steps
    }
}

/// Positions along an axis that may go together.
#[derive(Debug, Clone)]
struct Group {
    members: Vec<usize>,
    /// For each node the longest of their spans.
    lengths: Vec<f64>,
}

impl Group {
    fn with(&self, other: &Self) -> Self {
        let mut members = [&self.members[..], &other.members].concat();
        members.sort_unstable();
        let pairs = self.lengths.iter().zip(&other.lengths);
        Self {
            members,
            lengths: pairs.map(|(a, b)| a.max(*b)).collect(),
        }
    }
}

impl Axis<'_> {
    /// The mean length of the positions' own spans in each node.
    fn mean_lengths(&self) -> Vec<f64> {
        let mean = |node: usize| {
            let lengths = self.spans.iter().map(|spans| spans[node].length() as f64);
            lengths.sum::<f64>() / self.spans.len().max(1) as f64
        };
        (0..self.lengths.len()).map(mean).collect()
    }
}
