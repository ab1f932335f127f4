//! Values that lie in one piece.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Values, perhaps a part of a buffer that holds those of others as well: who has them has no copy.
#[derive(Clone)]
pub struct Values {
    whole: Arc<dyn AsRef<[f32]> + Send + Sync>,
    part: Range<usize>,
}

impl Values {
    /// A part of a buffer.
    pub fn part(whole: Arc<impl AsRef<[f32]> + Send + Sync + 'static>, part: Range<usize>) -> Self {
        Self { whole, part }
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let whole = (*self.whole).as_ref();
        whole.get(self.part.clone()).unwrap_or_default()
    }
}

impl From<Vec<f32>> for Values {
    fn from(values: Vec<f32>) -> Self {
        let part = 0..values.len();
        Self::part(Arc::new(values), part)
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_buffer_are_values_of_their_own() {
        let whole = Arc::new(vec![1.0, 2.0, 3.0]);
        let parts = [0..1, 1..3, 2..9].map(|range| Values::part(whole.clone(), range));
        assert_eq!(
            (&parts[0][..], &parts[1][..]),
            (&[1.0][..], &[2.0, 3.0][..])
        );
        assert!(parts[2].is_empty());
        assert_eq!(parts[1], Values::from(vec![2.0, 3.0]));
    }
}
