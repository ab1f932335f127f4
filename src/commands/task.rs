//! Which of many tasks a process carries out.

use base::{Error, Result};

use crate::cli::TaskChoice;

/// Where schedulers tell it.
const TASKS: [&str; 2] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];

/// The number that an option tells, or the scheduler.
///
/// # Errors
/// [`Error::Usage`] where no scheduler tells one.
pub(super) fn number(option: &str, choice: TaskChoice) -> Result<usize> {
    let TaskChoice::Number(number) = choice else {
        let mut told = TASKS
            .iter()
            .filter_map(|name| Some((name, std::env::var(name).ok()?)));
        let Some((name, value)) = told.next() else {
            return Err(Error::Usage(format!(
                "{option} auto: neither {} is set",
                TASKS.join(" nor ")
            )));
        };
        return value
            .parse()
            .map_err(|_| Error::Usage(format!("{name} is '{value}': expected a number from 0")));
    };
    Ok(number)
}
