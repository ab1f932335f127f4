#![allow(clippy::unwrap_used, reason = "a test may stop")]

use super::*;

/// Records of so many photographs, of which the first were put twice.
fn put(keeper: &Keeper, photos: usize, twice: usize) {
    let chunks = keeper.of("photos").unwrap();
    for photo in 0..photos {
        chunks.put(&id(photo), &(photo as f32, "first")).unwrap();
    }
    for photo in 0..twice {
        chunks.put(&id(photo), &(photo as f32, "second")).unwrap();
    }
}

fn id(photo: usize) -> String {
    format!("photo-{photo}")
}

fn read(keeper: &Keeper, photo: usize) -> Option<(f32, String)> {
    keeper.of("photos").unwrap().read(&id(photo)).unwrap()
}

fn files(records: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(records.join("photos")).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn many_records_make_few_files_and_the_last_of_a_photograph_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (photos, twice) = (2 * PHOTOGRAPHS + 10, 20);
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    put(&keeper, photos, twice);
    assert_eq!(files(folder.path()).len(), 2, "the third is not full");
    let expected = |photo: usize| {
        let which = if photo < twice { "second" } else { "first" };
        Some((photo as f32, which.to_owned()))
    };
    let is_read = |keeper: &Keeper| {
        assert!((0..photos).all(|photo| read(keeper, photo) == expected(photo)));
        assert_eq!(read(keeper, photos), None);
        let chunks = keeper.of("photos").unwrap();
        assert!(chunks.has(&id(0)) && chunks.has(&id(photos - 1)) && !chunks.has(&id(photos)));
    };
    is_read(&keeper);
    drop(keeper);
    assert_eq!(files(folder.path()).len(), 3, "dropped");
    is_read(&Keeper::new(folder.path(), "plan").unwrap());
}

#[test]
fn records_wait_for_others_and_no_longer_than_told() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    put(&keeper, 3, 0);
    let chunks = keeper.of("photos").unwrap();
    chunks.seal(Duration::from_secs(3600)).unwrap();
    assert!(files(folder.path()).is_empty());
    keeper.sealer()().unwrap();
    assert_eq!(files(folder.path()).len(), 1);
    put(&keeper, 1, 0);
    chunks.state().since -= WORK;
    let waited = Instant::now();
    while files(folder.path()).len() < 2 && waited.elapsed() < 60 * Duration::from_secs(1) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(files(folder.path()).len(), 2, "nobody asked for it");
}

#[test]
fn what_is_large_waits_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    let large = vec![1.5_f32; BYTES / 4];
    keeper.of("photos").unwrap().put("a", &large).unwrap();
    assert_eq!(files(folder.path()).len(), 1);
    assert_eq!(
        keeper.of("photos").unwrap().read("a").unwrap(),
        Some(large),
        "as it was"
    );
}

#[test]
fn a_chunk_that_is_gone_takes_nothing_else_along_and_one_that_is_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let photos = 2 * PHOTOGRAPHS + 10;
    put(
        &Keeper::new(folder.path(), "plan").unwrap(),
        photos,
        PHOTOGRAPHS / 2,
    );
    let all = files(folder.path());
    assert_eq!(all.len(), 3);
    fs::remove_file(&all[1]).unwrap();
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    assert_eq!(read(&keeper, PHOTOGRAPHS), None);
    assert!(read(&keeper, PHOTOGRAPHS - 1).is_some() && read(&keeper, photos - 1).is_some());
    keeper
        .of("photos")
        .unwrap()
        .put("again", &(0.0, "first"))
        .unwrap();
    drop(keeper);
    assert!(
        files(folder.path())[2].ends_with("000004.chunk"),
        "a number is not given twice"
    );
    let other = Keeper::new(folder.path(), "other").unwrap();
    let told = other.of("photos").unwrap_err().to_string();
    assert!(told.contains("photos/000001.chunk: is damaged"), "{told}");
    // While the run goes on, too.
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    let chunks = keeper.of("photos").unwrap();
    fs::write(&all[0], "").unwrap();
    let told = chunks.read::<(f32, String)>(&id(PHOTOGRAPHS - 1));
    let told = told.unwrap_err().to_string();
    assert!(told.contains("photos/000001.chunk: is damaged"), "{told}");
}

#[test]
fn what_a_finished_run_forgets_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Keeper::new(folder.path(), "plan").unwrap();
    put(&keeper, 3, 0);
    let sealer = keeper.sealer();
    keeper.forget();
    sealer().unwrap();
    drop(keeper);
    assert!(files(folder.path()).is_empty());
}
