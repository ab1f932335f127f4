//! Walks over arrays: what views, transposing, slicing and broadcasting have in common.

/// A way to walk an array without moving it: the shape that is walked, how far apart neighbours of each axis lie, and
/// where the first element lies.
pub(super) struct Strided {
    dims: Vec<usize>,
    /// Unchecked where the array is empty; then no element is ever looked up.
    strides: Vec<isize>,
    start: isize,
}

impl Strided {
    /// A view of an array, all of which must lie inside.
    pub(super) fn view(dims: &[usize], strides: &[usize], start: usize) -> Self {
        Self {
            dims: dims.to_vec(),
            strides: strides.iter().map(|stride| *stride as isize).collect(),
            start: start as isize,
        }
    }

    /// All of a row-major array.
    pub(super) fn whole(dims: &[usize]) -> Self {
        let mut strides = vec![0; dims.len()];
        let mut stride = 1_isize;
        for (place, dim) in strides.iter_mut().zip(dims).rev() {
            *place = stride;
            stride = stride.wrapping_mul(*dim as isize);
        }
        Self {
            dims: dims.to_vec(),
            strides,
            start: 0,
        }
    }

    /// The shape that is walked.
    pub(super) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// With the axes in another order, which must be a permutation.
    pub(super) fn transposed(self, permutation: &[usize]) -> Self {
        Self {
            dims: permutation.iter().map(|axis| self.dims[*axis]).collect(),
            strides: permutation.iter().map(|axis| self.strides[*axis]).collect(),
            start: self.start,
        }
    }

    /// What a slice takes of an axis.
    pub(super) fn sliced(mut self, slice: Slice) -> Self {
        let stride = &mut self.strides[slice.axis];
        let skipped = stride.wrapping_mul(slice.start as isize);
        self.start = self.start.wrapping_add(skipped);
        *stride = stride.wrapping_mul(slice.step);
        self.dims[slice.axis] = slice.count;
        self
    }

    /// Repeated along axes of size 1 and along new axes in front, up to a shape that it must be able to have.
    pub(super) fn broadcast(self, dims: &[usize]) -> Self {
        let new = dims.len() - self.dims.len();
        let repeated = self.dims.iter().zip(&dims[new..]).zip(&self.strides);
        let repeated = repeated.map(|((own, dim), stride)| if own == dim { *stride } else { 0 });
        Self {
            strides: std::iter::repeat_n(0, new).chain(repeated).collect(),
            dims: dims.to_vec(),
            start: self.start,
        }
    }

    /// The elements of the walk, in its order.
    pub(super) fn read<T: Copy>(&self, values: &[T]) -> Vec<T> {
        if self.dims.contains(&0) {
            return Vec::new();
        }
        let axes = self.merged();
        let Some(((count, step), outer)) = axes.split_last() else {
            return vec![values[self.start as usize]];
        };
        let mut result = Vec::with_capacity(self.dims.iter().product());
        let mut index = vec![0; outer.len()];
        let mut at = self.start;
        loop {
            let first = at as usize;
            match step {
                0 => result.extend(std::iter::repeat_n(values[first], *count)),
                1 => result.extend_from_slice(&values[first..first + count]),
                _ => result.extend((0..*count as isize).map(|i| values[(at + i * step) as usize])),
            }
            let mut axis = outer.len();
            loop {
                if axis == 0 {
                    return result;
                }
                axis -= 1;
                let (dim, stride) = outer[axis];
                index[axis] += 1;
                at += stride;
                if index[axis] < dim {
                    break;
                }
                at -= stride * dim as isize;
                index[axis] = 0;
            }
        }
    }

    /// Sizes and strides without axes of size 1, neighbours joined that can be walked as one.
    fn merged(&self) -> Vec<(usize, isize)> {
        let mut axes: Vec<(usize, isize)> = Vec::new();
        for (dim, stride) in self.dims.iter().copied().zip(self.strides.iter().copied()) {
            if dim == 1 {
                continue;
            }
            match axes.last_mut() {
                Some((outer, outer_stride)) if *outer_stride == stride * dim as isize => {
                    *outer *= dim;
                    *outer_stride = stride;
                }
                _ => axes.push((dim, stride)),
            }
        }
        axes
    }
}

/// What is taken along an axis: `count` places from `start` on, in steps of `step`, all of which are there.
pub(super) struct Slice {
    pub(super) axis: usize,
    pub(super) start: usize,
    pub(super) step: isize,
    pub(super) count: usize,
}

impl Slice {
    /// The places that it takes, in its order.
    pub(super) fn places(&self) -> Vec<usize> {
        let place = |number| self.start.wrapping_add_signed(number * self.step);
        (0..self.count as isize).map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where a walk should look for each of its elements, index by index.
    fn slowly(walk: &Strided, values: &[usize]) -> Vec<usize> {
        let count = walk.dims.iter().product();
        let at = |mut index: usize| {
            let mut place = walk.start;
            for (dim, stride) in walk.dims.iter().zip(&walk.strides).rev() {
                place += (index % dim) as isize * stride;
                index /= dim;
            }
            values[place as usize]
        };
        (0..count).map(at).collect()
    }

    proptest! {
        #[test]
        fn walks_as_the_slow_twin_does(
            dims in prop::collection::vec(0..5_usize, 0..5),
            order in any::<prop::sample::Index>(),
            slices in prop::collection::vec((0..4_usize, any::<bool>()), 5),
            front in prop::collection::vec(1..3_usize, 0..2),
        ) {
            let values: Vec<usize> = (0..dims.iter().product()).collect();
            let mut axes: Vec<usize> = (0..dims.len()).collect();
            if !axes.is_empty() {
                let middle = order.index(axes.len());
                axes.rotate_left(middle);
                axes[middle..].reverse();
            }
            let mut walk = Strided::whole(&dims).transposed(&axes);
            for (axis, (skip, back)) in slices.iter().enumerate().take(dims.len()) {
                let size = walk.dims[axis];
                let count = size.saturating_sub(*skip);
                let (start, step) = match back {
                    true => (size.saturating_sub(1), -1),
                    false => (*skip.min(&size), 1),
                };
                walk = walk.sliced(Slice { axis, start, step, count });
            }
            let mut wide = front.clone();
            wide.extend(walk.dims.iter().map(|dim| if *dim == 1 { 3 } else { *dim }));
            let walk = walk.broadcast(&wide);
            prop_assert_eq!(walk.read(&values), slowly(&walk, &values));
        }
    }
}
