//! What hiding a region changes inside it and outside (the claims of the replication's §5, as numbers).

use dataset::{Geometry, Rect};
use network::receptive_field::Field;
use network::shape::Shape;
use records::{MaskedLayer, ProjectionKind};

use super::observe::Observation;
use super::prepare::PreparedMask;
use super::Setting;

/// Activation and projection energy of every stage inside and outside a region, before and after it was hidden.
pub(super) fn layers(
    setting: &Setting,
    geometry: &Geometry,
    mask: &PreparedMask,
    original: &Observation,
    masked: &Observation,
) -> Vec<MaskedLayer> {
    let boxes = &mask.region.boxes;
    let layer = |number: usize| {
        let stage = &setting.stages[number];
        let inside = cells_inside(
            setting.field(number),
            setting.shape(number),
            geometry,
            boxes,
        );
        let (before_in, before_out) = split_mean(&original.mean_maps[number], &inside);
        let (after_in, after_out) = split_mean(&masked.mean_maps[number], &inside);
        let share = |observation: &Observation| {
            let projection = observation
                .projections
                .iter()
                .find(|p| p.kind == ProjectionKind::Layer && p.layer == stage.name)?;
            energy_share(&projection.values, geometry, boxes)
        };
        MaskedLayer {
            layer: stage.name.clone(),
            activation_inside_original: before_in,
            activation_inside_masked: after_in,
            activation_outside_original: before_out,
            activation_outside_masked: after_out,
            share_inside_original: share(original),
            share_inside_masked: share(masked),
        }
    };
    (0..setting.stages.len()).map(layer).collect()
}

/// Cells of a layer `[H, W]` whose receptive field's centre lies in one of the boxes.
fn cells_inside(field: &Field, shape: Shape, geometry: &Geometry, boxes: &[Rect]) -> Vec<bool> {
    let cells = (0..shape.height).flat_map(|y| (0..shape.width).map(move |x| (y, x)));
    cells
        .map(|(y, x)| holds(boxes, geometry, field.centre(x, 1), field.centre(y, 0)))
        .collect()
}

/// Part of a projection's energy (sum of squares over the channels) that lies in the boxes, by pixel centres; `None`
/// where the projection is zero.
fn energy_share(projection: &[f32], geometry: &Geometry, boxes: &[Rect]) -> Option<f32> {
    let [height, width] = geometry.crop.sides();
    let (mut inside, mut all) = (0.0f64, 0.0f64);
    for y in 0..height {
        for x in 0..width {
            let energy: f64 = projection[y * width + x..]
                .iter()
                .step_by(height * width)
                .map(|value| f64::from(*value).powi(2))
                .sum();
            all += energy;
            if holds(boxes, geometry, x as f64 + 0.5, y as f64 + 0.5) {
                inside += energy;
            }
        }
    }
    (all > 0.0).then_some((inside / all) as f32)
}

fn holds(boxes: &[Rect], geometry: &Geometry, x: f64, y: f64) -> bool {
    let point = geometry.to_photo(&Rect {
        x,
        y,
        width: 0.0,
        height: 0.0,
    });
    boxes.iter().any(|rect| rect.contains(point.x, point.y))
}

fn split_mean(map: &[f32], inside: &[bool]) -> (Option<f32>, Option<f32>) {
    let mean = |wanted: bool| {
        let cells = map.iter().zip(inside).filter(|(_, is)| **is == wanted);
        let (sum, count) = cells.fold((0.0f64, 0usize), |(sum, count), (value, _)| {
            (sum + f64::from(*value), count + 1)
        });
        (count > 0).then(|| (sum / count as f64) as f32)
    };
    (mean(true), mean(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::passage::Run;
    use network::{Preprocessing, Resize, Size};

    fn geometry() -> Geometry {
        let preprocessing = Preprocessing {
            resize: Resize::Shorter(4),
            crop: Size::square(4),
            ..Preprocessing::torchvision()
        };
        Geometry::new((8, 8), &preprocessing).unwrap()
    }

    #[test]
    fn energy_and_activation_are_split_by_the_box() {
        let left = [Rect {
            x: 0.0,
            y: 0.0,
            width: 4.0,
            height: 8.0,
        }];
        let mut projection = vec![0.0; 48];
        projection[0] = 3.0;
        projection[16 + 3] = 4.0;
        let share = energy_share(&projection, &geometry(), &left).unwrap();
        assert!((share - 9.0 / 25.0).abs() < 1e-6);
        assert_eq!(energy_share(&[0.0; 48], &geometry(), &left), None);
        let two = Run {
            jump: 2,
            start: 0,
            size: 2,
        };
        let field = Field {
            axes: [two; 2],
            parts: [1; 2],
        };
        let shape = Shape {
            channels: 1,
            height: 2,
            width: 2,
        };
        let inside = cells_inside(&field, shape, &geometry(), &left);
        assert_eq!(inside, [true, false, true, false]);
        let (mean_in, mean_out) = split_mean(&[1.0, 2.0, 3.0, 4.0], &inside);
        assert_eq!((mean_in, mean_out), (Some(2.0), Some(3.0)));
    }
}
