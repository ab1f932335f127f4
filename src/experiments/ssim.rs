//! Structural similarity (Wang et al. 2004, with its usual constants).

/// Of two pictures in one window, given as pairs of values of that range; 1 for no difference.
pub(super) fn ssim(pairs: &[(f64, f64)], range: f64) -> f64 {
    let mean = |of: &dyn Fn(f64, f64) -> f64| {
        pairs.iter().map(|&(x, y)| of(x, y)).sum::<f64>() / pairs.len().max(1) as f64
    };
    let (a, b) = (mean(&|x, _| x), mean(&|_, y| y));
    let (aa, bb) = (mean(&|x, _| (x - a).powi(2)), mean(&|_, y| (y - b).powi(2)));
    let ab = mean(&|x, y| (x - a) * (y - b));
    let (c1, c2) = ((0.01 * range).powi(2), (0.03 * range).powi(2));
    let above = (2.0 * a * b + c1) * (2.0 * ab + c2);
    let below = (a * a + b * b + c1) * (aa + bb + c2);
    match below > 0.0 {
        true => above / below,
        false => 1.0,
    }
}
