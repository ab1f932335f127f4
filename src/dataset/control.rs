//! A fair box to compare a hidden region with: as large as what the network sees of it, and apart from it.

use std::ops::Range;

use base::digest::draw;

use super::geometry::Geometry;
use super::rect::{union_area, Rect};
use super::region::Region;

impl Region {
    /// A box of the region's visible size (of its visible area and outline's shape, for a union), somewhere inside the
    /// crop and apart from all of the region's boxes: drawn by `seed` for this photo and region from all whole-pixel
    /// positions; none where there is no room, or nothing to see of the region.
    pub fn control_box(&self, geometry: &Geometry, seed: u64, photo_id: &str) -> Option<Rect> {
        let lot = draw(seed, &[photo_id, &self.name]);
        self.box_apart(geometry, &self.boxes, lot)
    }

    /// Such a box apart from all of `others`; `lot` says which of the positions.
    pub fn box_apart(&self, geometry: &Geometry, others: &[Rect], lot: u64) -> Option<Rect> {
        let visible = self.visible(geometry);
        let outline = Rect::around(&visible)?;
        let shrink = (union_area(&visible) / outline.area()).sqrt();
        let width = (outline.width * shrink).round().max(1.0);
        let height = (outline.height * shrink).round().max(1.0);

        let crop = geometry.crop_in_photo();
        let columns = positions(crop.x, crop.right() - width);
        let rows = positions(crop.y, crop.bottom() - height);
        let at = |x: i64, y: i64| Rect {
            x: x as f64,
            y: y as f64,
            width,
            height,
        };
        let free = |y: i64| free_columns(others, &columns, &at(0, y));
        let length = |run: &Range<i64>| (run.end - run.start) as u64;
        let room = |y: i64| free(y).iter().map(length).sum::<u64>();

        let total: u64 = rows.clone().map(room).sum();
        let mut place = lot.checked_rem(total)?;
        for y in rows {
            for run in free(y) {
                if place < length(&run) {
                    return Some(at(run.start + place as i64, y));
                }
                place -= length(&run);
            }
        }
        None
    }
}

/// The runs of `columns` at which `probe`, with its `y`, touches none of the boxes.
fn free_columns(boxes: &[Rect], columns: &Range<i64>, probe: &Rect) -> Vec<Range<i64>> {
    let in_the_way = |rect: &&Rect| rect.y < probe.bottom() && rect.bottom() > probe.y;
    let mut blocked: Vec<Range<i64>> = boxes
        .iter()
        .filter(in_the_way)
        .map(|rect| (rect.x - probe.width).floor() as i64 + 1..rect.right().ceil() as i64)
        .collect();
    blocked.sort_by_key(|run| run.start);
    let mut free = Vec::new();
    let mut from = columns.start;
    for run in blocked {
        if run.start > from {
            free.push(from..run.start.min(columns.end));
        }
        from = from.max(run.end);
    }
    free.push(from..columns.end);
    free.retain(|run| run.start < run.end);
    free
}

/// The whole numbers between two edges, both included; a hair beyond counts, for edges come out of divisions.
fn positions(first: f64, last: f64) -> Range<i64> {
    const HAIR: f64 = 1e-6;
    (first - HAIR).ceil() as i64..(last + HAIR).floor() as i64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::Preprocessing;

    fn region(boxes: &[[f64; 4]]) -> Region {
        let rect = |b: &[f64; 4]| Rect {
            x: b[0],
            y: b[1],
            width: b[2],
            height: b[3],
        };
        Region {
            name: "face".to_owned(),
            boxes: boxes.iter().map(rect).collect(),
        }
    }

    /// The crop is x 138..362, y 16..240 of the photo.
    fn geometry() -> Geometry {
        Geometry::new((500, 256), &Preprocessing::torchvision()).unwrap()
    }

    #[test]
    fn a_control_box_has_the_visible_size_and_lies_apart() {
        let crop = geometry().crop_in_photo();
        for region in [
            region(&[[100.0, 0.0, 120.0, 90.0]]),
            region(&[
                [150.0, 30.0, 80.0, 60.0],
                [170.5, 70.5, 90.0, 40.0],
                [300.0, 30.0, 40.0, 40.0],
            ]),
        ] {
            let visible = union_area(&region.visible(&geometry()));
            let boxes: Vec<Rect> = (0..200)
                .filter_map(|seed| region.control_box(&geometry(), seed, "id"))
                .collect();
            assert_eq!(boxes.len(), 200);
            for found in &boxes {
                assert!((found.area() / visible - 1.0).abs() < 0.02, "{found:?}");
                assert!(region
                    .boxes
                    .iter()
                    .all(|rect| rect.intersection(found).is_none()));
                assert_eq!(found.intersection(&crop), Some(*found));
            }
            assert!(boxes.windows(2).any(|pair| pair[0] != pair[1]));
            assert_eq!(region.control_box(&geometry(), 7, "id"), Some(boxes[7]));
        }
        assert_eq!(
            region(&[[180.0, 16.0, 140.0, 224.0]]).control_box(&geometry(), 1, "id"),
            None
        );
    }

    #[test]
    fn what_is_not_seen_has_no_control_box() {
        let unseen = region(&[[0.0, 0.0, 138.0, 256.0]]);
        assert_eq!(unseen.control_box(&geometry(), 1, "id"), None);
    }

    #[test]
    fn every_place_is_drawn_and_no_other() {
        // The region is 110 wide; to its right 114 columns are left, so there are 5 places.
        let region = region(&[[138.0, 16.0, 110.0, 224.0]]);
        let mut found: Vec<_> = (0..100)
            .filter_map(|seed| region.control_box(&geometry(), seed, "x"))
            .map(|b| b.x as i64)
            .collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, [248, 249, 250, 251, 252]);
    }
}
