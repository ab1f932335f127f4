//! What a pass does not do: wait more often for more images or stages, allocate where buffers can be used again.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use deconvscope::engine::waits;
use deconvscope::experiments::Room;

use crate::alone;
use crate::case::{observed, Case, Counting};

/// What counts as large.
const LARGE: usize = 1_000_000;

static LARGE_ONES: AtomicUsize = AtomicUsize::new(0);

struct Counted;

// SAFETY: it hands on to the system's.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGE {
            LARGE_ONES.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as it was called.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as it was called.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

#[test]
fn a_pass_waits_twice_and_allocates_nothing_large() {
    let _alone = alone();
    let case = Case::new(8);
    let room = Room::of(&case.model.anatomy, &case.stages, usize::MAX, 160);
    let onlooker = Counting::default();
    for engine in [case.engine.clone(), case.engine.fed_as_a_gpu().unwrap()] {
        for stages in [&case.stages[..1], &case.stages[..]] {
            let setting = case.setting(&room, stages);
            let few = case.prepared(&setting, 1);
            // 160 photographs, 20 times each of 8: 2 MB of inputs, 15 MB of projections.
            let many: Vec<_> = (0..20).flat_map(|_| case.prepared(&setting, 8)).collect();
            for group in [&few, &many] {
                for number in 0..12 {
                    let (before, large) = (waits(), LARGE_ONES.load(Ordering::Relaxed));
                    let (found, _) = observed(&setting, &engine, &onlooker, group);
                    let found = found.unwrap();
                    assert_eq!(found.len(), group.len());
                    let last = &found[group.len() - 1][0];
                    let made = &last.projections;
                    let units = last.units.iter().flatten().count();
                    assert!(units > 0 && made.len() == stages.len() + units);
                    assert!(made.iter().all(|it| it.values.len() == 3 * 32 * 32));
                    assert_eq!(waits() - before, 2, "{} photographs", group.len());
                    let large = LARGE_ONES.load(Ordering::Relaxed) - large;
                    assert!(number < 10 || large == 0, "{large} large buffers");
                }
            }
        }
    }
}
