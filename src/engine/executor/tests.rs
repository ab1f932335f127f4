//! Several devices and workers that fail, halt and dawdle on purpose.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::Mutex;
use std::time::Duration;

use super::*;

const THREADS: usize = 3;

fn workers<'a>() -> Executor<'a, ()> {
    Executor {
        kit: Box::new(|_| Ok(())),
        devices: vec![None],
        threads: THREADS,
        computing: THREADS,
        called_thread: false,
        halt: &|| false,
    }
}

fn refused(item: usize) -> Error {
    Error::Usage(format!("item {item}"))
}

fn dawdle(item: usize) {
    thread::sleep(Duration::from_micros((item * 7919 % 13) as u64 * 100));
}

#[test]
fn what_items_leave_is_taken_in_their_order() {
    let items: Vec<usize> = (0..100).collect();
    let mut taken = Vec::new();
    let compute = |(): &(), item: usize, give: &mut Give<'_, (usize, usize)>| {
        (0..item % 4).try_for_each(|part| give((item, part)))
    };
    let finish = |(item, part)| {
        dawdle(item + part);
        Ok((item, part))
    };
    let take = |left| {
        taken.push(left);
        Ok(())
    };
    let prepare = |item: &usize| {
        dawdle(*item);
        Ok(*item)
    };
    workers()
        .stream(&items, prepare, compute, finish, take)
        .unwrap();
    let parts = |item| (0..item % 4).map(|part| (item, part)).collect();
    let expected: Vec<Vec<(usize, usize)>> = (0..100).map(parts).collect();
    assert_eq!(taken, expected);
    let squares = workers().each(&items, |(), item| Ok(item * item)).unwrap();
    assert!(squares.iter().copied().eq(items.iter().map(|i| i * i)));
    assert!(workers().each(&[0; 0], |(), item| Ok(*item)).is_ok());
}

/// Each stage has threads of its own, and a kit belongs to one that computes.
#[test]
fn who_feeds_the_device_does_nothing_else() {
    let names: Mutex<BTreeSet<(String, &str)>> = Mutex::new(BTreeSet::new());
    let here = |stage| {
        let name = thread::current().name().map(str::to_owned);
        names.lock().unwrap().insert((name.unwrap(), stage));
        Ok(())
    };
    let made = AtomicUsize::new(0);
    let kit = |_| Ok(made.fetch_add(1, Ordering::Relaxed));
    let used = Mutex::new(HashSet::new());
    let items = [(); 50];
    let compute = |kit: &usize, ()| {
        used.lock().unwrap().insert((*kit, thread::current().id()));
        here("computes")
    };
    let prepare = |(): &()| here("prepares");
    let finish = |()| here("finishes");
    let workers = workers().with(kit);
    workers.run(&items, prepare, compute, finish).unwrap();
    let expected = [
        ("compute", "computes"),
        ("finish", "finishes"),
        ("prepare", "prepares"),
    ];
    let names = names.into_inner().unwrap();
    assert!(names
        .iter()
        .map(|(name, stage)| (&**name, *stage))
        .eq(expected));
    assert_eq!(made.load(Ordering::Relaxed), THREADS);
    let used = used.into_inner().unwrap();
    let kits: BTreeSet<usize> = used.iter().map(|(kit, _)| *kit).collect();
    assert_eq!(kits.len(), used.len());
}

#[test]
fn the_first_error_of_any_stage_ends_the_others() {
    let items: Vec<usize> = (0..10_000).collect();
    for failing in ["prepare", "compute", "finish", "take"] {
        let begun = AtomicUsize::new(0);
        let step = |stage: &str, item: usize| match stage == failing && item >= 20 {
            true => Err(refused(item)),
            false => Ok(item),
        };
        let prepare = |item: &usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            step("prepare", *item)
        };
        let compute =
            |(): &(), item: usize, give: &mut Give<'_, usize>| give(step("compute", item)?);
        let finish = |item| step("finish", item);
        let mut taken = 0;
        let take = |left: Vec<usize>| {
            taken += 1;
            step("take", left[0]).map(drop)
        };
        let ended = workers().stream(&items, prepare, compute, finish, take);
        let error = ended.unwrap_err().to_string();
        assert!(error.contains("item 2"), "{failing}: {error}");
        assert!(taken <= 21 + THREADS, "{failing}: {taken} were taken");
        let begun = begun.into_inner();
        assert!(begun < 500, "{failing}: {begun} were begun");
    }
}

#[test]
fn a_panic_is_an_error() {
    let items: Vec<usize> = (0..1000).collect();
    for failing in ["prepare", "compute", "finish"] {
        let step = |stage: &str, item: usize| {
            assert!(stage != failing || item != 5, "on purpose");
            Ok(item)
        };
        let ended = workers().run(
            &items,
            |item| step("prepare", *item),
            |(), item| step("compute", item),
            |item| step("finish", item),
        );
        let error = ended.unwrap_err().to_string();
        assert!(error.contains("ended unexpectedly"), "{failing}: {error}");
    }
}

#[test]
fn halted_it_finishes_what_was_computed() {
    let items: Vec<usize> = (0..10_000).collect();
    let (computed, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let halt = || computed.load(Ordering::Relaxed) >= 30;
    let ended = workers().until(&halt).run(
        &items,
        |item| Ok(*item),
        |(), item| {
            computed.fetch_add(1, Ordering::Relaxed);
            Ok(item)
        },
        |_| {
            finished.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
    );
    assert!(matches!(ended, Err(Error::Stopped)));
    assert!(computed.load(Ordering::Relaxed) < 30 + THREADS);
    assert_eq!(finished.into_inner(), computed.into_inner());
}

/// However long the first item takes, and whichever stage is slow.
#[test]
fn few_items_are_on_their_way() {
    let items: Vec<usize> = (0..400).collect();
    let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let most = AtomicUsize::new(0);
    for slow in ["prepare", "compute", "finish"] {
        begun.store(0, Ordering::Relaxed);
        taken.store(0, Ordering::Relaxed);
        let step = |stage: &str, item: usize| {
            if stage == slow && item == 0 {
                thread::sleep(Duration::from_millis(200));
            }
            Ok(item)
        };
        let prepare = |item: &usize| {
            let begun = begun.fetch_add(1, Ordering::Relaxed) + 1;
            let on_their_way = begun - taken.load(Ordering::Relaxed).min(begun);
            most.fetch_max(on_their_way, Ordering::Relaxed);
            step("prepare", *item)
        };
        let compute = |(): &(), item, give: &mut Give<'_, usize>| give(step("compute", item)?);
        let take = |_| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let finish = |item| step("finish", item);
        workers()
            .stream(&items, prepare, compute, finish, take)
            .unwrap();
    }
    assert_eq!(most.into_inner(), THREADS * AHEAD);
}

/// While the first item of the first group takes long, others prepare its other items and those of groups to come.
#[test]
fn groups_are_filled_by_many_and_taken_in_their_order() {
    let items: Vec<usize> = (0..3000).collect();
    let groups: Vec<&[usize]> = [&items[..0]].into_iter().chain(items.chunks(64)).collect();
    let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (most, whose) = (AtomicUsize::new(0), Mutex::new(HashSet::new()));
    let prepare = |item: &usize| {
        let begun = begun.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(begun - taken.load(Ordering::SeqCst), Ordering::SeqCst);
        if *item < 64 {
            whose.lock().unwrap().insert(thread::current().id());
        }
        match item {
            0 => thread::sleep(Duration::from_millis(100)),
            _ => dawdle(*item % 5),
        }
        Ok(*item)
    };
    let compute = |(): &(), group: Vec<usize>, give: &mut Give<'_, Vec<usize>>| give(group);
    let mut all = Vec::new();
    let take = |left: Vec<Vec<usize>>| {
        let group = left.concat();
        taken.fetch_add(group.len(), Ordering::SeqCst);
        all.push(group);
        Ok(())
    };
    workers()
        .stream_groups(&groups, prepare, compute, Ok, take)
        .unwrap();
    assert!(all.iter().map(Vec::as_slice).eq(items.chunks(64)));
    assert_eq!(whose.into_inner().unwrap().len(), THREADS);
    assert_eq!(most.into_inner(), GROUPS * 64);
}

#[test]
fn a_group_that_fails_in_part_ends_the_others() {
    let items: Vec<usize> = (0..3000).collect();
    let groups: Vec<&[usize]> = items.chunks(50).collect();
    let begun = AtomicUsize::new(0);
    for panics in [false, true] {
        let prepare = |item: &usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            assert!(!panics || *item != 170, "on purpose");
            match *item {
                170 => Err(refused(170)),
                item => Ok(item),
            }
        };
        let compute = |(): &(), group: Vec<usize>, give: &mut Give<'_, usize>| {
            assert_eq!(group.len(), 50);
            give(group[0])
        };
        let mut taken = Vec::new();
        let take = |left: Vec<usize>| {
            taken.extend(left);
            Ok(())
        };
        let ended = workers().stream_groups(&groups, prepare, compute, Ok, take);
        let error = ended.unwrap_err().to_string();
        let expected = ["item 170", "ended unexpectedly"][usize::from(panics)];
        assert!(error.contains(expected), "{error}");
        assert!([0, 50, 100].starts_with(&taken), "{taken:?}");
    }
    assert!(begun.into_inner() < 1000);
}

#[test]
fn items_that_have_the_device_to_themselves_are_computed_one_by_one() {
    let (inside, together) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let compute = |(): &(), item: &usize| {
        together.fetch_max(inside.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        dawdle(*item);
        inside.fetch_sub(1, Ordering::SeqCst);
        Ok(*item)
    };
    let items: Vec<usize> = (0..50).collect();
    let left = workers().one_by_one().each(&items, compute).unwrap();
    assert_eq!((left, together.into_inner()), (items, 0));
}

/// Devices, of which the last fails where it is told to.
fn devices<'a>(count: usize) -> Executor<'a, usize> {
    let devices = (0..count).map(|device| Some(format!("cuda:{device}")));
    Executor {
        computing: count,
        devices: devices.collect(),
        ..workers().with(Ok)
    }
}

#[test]
fn several_devices_leave_what_one_leaves() {
    let items: Vec<usize> = (0..200).collect();
    let used = Mutex::new(BTreeSet::new());
    let compute = |device: &usize, item: usize| {
        used.lock().unwrap().insert(*device);
        dawdle(item + device);
        Ok(item * 3)
    };
    let left = |devices: Executor<'_, usize>| {
        let left = devices.run(&items, |item| Ok(*item), compute, Ok).unwrap();
        (left, std::mem::take(&mut *used.lock().unwrap()))
    };
    let (one, of_one) = left(devices(1));
    assert_eq!(of_one, BTreeSet::from([0]));
    for several in [devices(4), devices(4).one_by_one()] {
        let (found, used) = left(several);
        assert_eq!((&found, used), (&one, BTreeSet::from([0, 1, 2, 3])));
    }
}

/// The others finish what they computed; the error tells which it was.
#[test]
fn a_device_that_fails_is_named() {
    let items: Vec<usize> = (0..1000).collect();
    let (computed, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let compute = |device: &usize, item: usize| {
        dawdle(item);
        if *device == 1 && item > 20 {
            return Err(Error::Compute {
                doing: "forward pass at node 'conv1' (conv)".into(),
                message: "CUDA error: unspecified launch failure".into(),
            });
        }
        computed.fetch_add(1, Ordering::Relaxed);
        Ok(item)
    };
    let finish = |_| {
        finished.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let ended = devices(2).run(&items, |item| Ok(*item), compute, finish);
    let error = ended.unwrap_err().to_string();
    let expected = "forward pass at node 'conv1' (conv) on cuda:1: CUDA error: unspecified";
    assert!(error.starts_with(expected), "{error}");
    assert_eq!(finished.into_inner(), computed.into_inner());
    let unmade = devices(2).with(|device| match device {
        1 => Err::<(), Error>(Error::compute("moving the weights")("out of memory")),
        _ => Ok(()),
    });
    let error = unmade.each(&items, |(), item| Ok(*item)).unwrap_err();
    assert!(error
        .to_string()
        .starts_with("moving the weights on cuda:1: "));
}
