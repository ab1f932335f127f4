//! The arithmetic that windows save.

use deconvscope::network::projective_field::Span;
use deconvscope::network::shape::Shape;
use deconvscope::network::{zoo, Anatomy, Builder, Window};

use crate::arithmetic::{sum, work, Work};

fn total(name: &str, occluder: usize, stride: usize) -> Work {
    let anatomy = Anatomy::of(zoo::find(name).unwrap().network()).unwrap();
    let side = anatomy.network().input.height;
    let spans: Vec<Span> = (0..=side - occluder)
        .step_by(stride)
        .map(|start| Span {
            start,
            end: start + occluder,
        })
        .collect();
    sum(&work(&anatomy, &spans, &spans))
}

/// Full inference's work over that of windows of one size, of windows and of changed cells alone.
#[test]
fn the_arithmetic_saved_is_what_docs_occlusion_says() {
    for (name, occluder, stride, expected) in [
        ("vgg16", 32, 16, [5.25, 6.86, 8.98]),
        ("alexnet", 32, 8, [1.99, 2.89, 4.02]),
        ("squeezenet1_1", 32, 8, [1.94, 2.98, 3.38]),
        ("resnet18", 32, 8, [1.99, 2.47, 3.20]),
        ("vgg16", 32, 8, [5.06, 6.59, 8.57]),
        ("vgg16", 16, 4, [6.54, 9.37, 13.0]),
        ("resnet18", 16, 4, [2.19, 2.83, 3.81]),
    ] {
        let work = total(name, occluder, stride);
        let found = [work.one_size, work.windows, work.changed].map(|part| work.full / part);
        let pairs = found.iter().zip(expected);
        let near = pairs.clone().all(|(a, b)| (a - b).abs() <= 0.02);
        assert!(near, "{name}: {found:.3?}, expected {expected:?}");
    }
}

/// A 3×3 kernel at stride 2 over 7 cells has 3 outputs; it was counted by hand.
#[test]
fn the_work_of_one_convolution_is_its_products() {
    let mut net = Builder::of("one", Shape::of([2, 7, 7]));
    net.conv("conv", 0, 5, Window::square(3, 2, 0));
    let anatomy = Anatomy::of(net.finish()).unwrap();
    let one = Span { start: 2, end: 3 };
    let all = Span { start: 0, end: 7 };
    // Cell 2 is under the last tap of the first output and the first tap of the second.
    let work = work(&anatomy, &[one, all], &[one])[1];
    let expected = Work {
        full: (10 * 9 * 9 * 2) as f64,
        one_size: (10 * 9 * 3 * 2 * 2) as f64,
        windows: (10 * 9 * (2 + 3) * 2) as f64,
        changed: (10 * (2 + 9) * 2) as f64,
    };
    assert_eq!(work, expected);
}
