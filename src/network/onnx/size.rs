//! How large shapes and constants may be.

/// So many elements may one constant have: a gigabyte of floats, more than twice the largest layer of VGG. A few bytes
/// of a file are enough to ask for a constant that is computed.
pub const MAX_ELEMENTS: usize = if cfg!(fuzzing) { 1 << 20 } else { 1 << 28 };
/// So many axes may a constant or value have.
pub(super) const MAX_AXES: usize = 64;
/// So many elements may all constants of a graph have together.
pub const MAX_TOTAL_ELEMENTS: usize = if cfg!(fuzzing) { 1 << 22 } else { 1 << 31 };

/// How many elements a shape has.
///
/// # Errors
/// More than [`MAX_ELEMENTS`], more axes than [`MAX_AXES`].
pub(super) fn elements(dims: &[usize]) -> Result<usize, String> {
    if dims.len() > MAX_AXES {
        return Err(format!(
            "a shape of {} axes; up to {MAX_AXES} are allowed",
            dims.len()
        ));
    }
    // A zero anywhere makes it empty, however much the others claim.
    if dims.contains(&0) {
        return Ok(0);
    }
    dims.iter()
        .try_fold(1_usize, |product, dim| product.checked_mul(*dim))
        .filter(|count| *count <= MAX_ELEMENTS)
        .ok_or_else(|| {
            format!("shape {dims:?} claims more than the {MAX_ELEMENTS} elements allowed")
        })
}
