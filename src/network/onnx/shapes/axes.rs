//! Axes and places along them, negative ones counted from the end.

/// An axis of a shape of so many.
///
/// # Errors
/// One that is not there.
pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize, String> {
    place(axis, rank).ok_or_else(|| format!("axis {axis} does not exist among {rank}"))
}

/// Axes of a shape of so many, in the order in which they are listed.
///
/// # Errors
/// One that is not there or is listed twice.
pub(crate) fn axes(listed: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let mut axes = Vec::new();
    for number in listed {
        let axis = axis(*number, rank)?;
        if axes.contains(&axis) {
            return Err(format!("axis {number} is listed twice"));
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// Which of so many places a number means, if any.
pub(super) fn place(at: i64, size: usize) -> Option<usize> {
    let place = usize::try_from(from_front(at, size)).ok();
    place.filter(|place| *place < size)
}

/// A number counted from the front, however far outside.
pub(super) fn from_front(at: i64, size: usize) -> i64 {
    match at {
        ..0 => at + size as i64,
        _ => at,
    }
}
