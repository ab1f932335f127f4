//! The C library's allocator, which values on the CPU come from.

/// The largest piece that is not taken from the system, and given back to it, by itself: as large as glibc lets it be.
const TOGETHER: i32 = 32 << 20;
/// What is kept for what comes next, at most, by each thread that computes.
const KEPT: i32 = 256 << 20;

/// Lets the allocator keep what a pass frees for the next one. By itself glibc gives large pieces back to the system, which hands
/// them out again page by page: most of a run's page faults. Other C libraries go on as they do.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "a function of the C library")]
    // SAFETY: it sets two numbers, and refuses those that it cannot take.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, TOGETHER);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Lets all threads take from one store. Otherwise each has its own, in pieces too small for the values of a training, and what
/// becomes free goes back to the system at every step. To be called before there are threads: they keep what they have.
pub fn share_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "a function of the C library")]
    // SAFETY: as above.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
