//! How large shapes and constants may be.

/// So many elements may one constant have: a gigabyte of floats, more than twice the largest layer of VGG. A few bytes
/// of a file are enough to ask for a constant that is computed.
pub const MAX_ELEMENTS: usize = if cfg!(fuzzing) { 1 << 20 } else { 1 << 28 };
/// So many axes may a constant or value have.
const MAX_AXES: usize = 64;
/// So many elements may all constants of a graph have together.
pub const MAX_TOTAL_ELEMENTS: usize = if cfg!(fuzzing) { 1 << 22 } else { 1 << 31 };

/// How many elements a constant of this shape has.
///
/// # Errors
/// More than [`MAX_ELEMENTS`], more axes than [`MAX_AXES`].
pub(super) fn elements(dims: &[usize]) -> Result<usize, String> {
    counted(dims, MAX_ELEMENTS)
}

/// How many cells maps of this shape have, of all images together.
///
/// # Errors
/// More than can be counted, more axes than [`MAX_AXES`].
pub(super) fn cells(dims: &[usize]) -> Result<usize, String> {
    counted(dims, usize::MAX)
}

fn counted(dims: &[usize], most: usize) -> Result<usize, String> {
    rank(dims.len())?;
    // A zero anywhere makes it empty, however much the others claim.
    if dims.contains(&0) {
        return Ok(0);
    }
    dims.iter()
        .try_fold(1_usize, |product, dim| product.checked_mul(*dim))
        .filter(|count| *count <= most)
        .ok_or_else(|| format!("shape {dims:?} claims more than the {most} elements allowed"))
}

/// A number of axes that a shape may have.
///
/// # Errors
/// More than [`MAX_AXES`].
pub(super) fn rank(axes: usize) -> Result<usize, String> {
    match axes {
        ..=MAX_AXES => Ok(axes),
        _ => Err(format!(
            "a shape of {axes} axes; up to {MAX_AXES} are allowed"
        )),
    }
}

/// A shape as a file lists it.
///
/// # Errors
/// A negative dimension.
pub(super) fn sizes(listed: &[i64]) -> Result<Vec<usize>, String> {
    let sizes = listed.iter().map(|size| usize::try_from(*size).ok());
    let sizes: Option<_> = sizes.collect();
    sizes.ok_or_else(|| format!("shape {listed:?} has a negative dimension"))
}
