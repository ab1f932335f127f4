//! Python with the packages of requirements/linters.txt, which files are held against public schemas with.

use std::process::Command;

/// The interpreter, where set-up has put the packages and they fit it; says that the test is skipped otherwise.
pub(crate) fn python() -> Option<Command> {
    let packages = super::repository().join(".deps/linters");
    let python = || {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &packages);
        python
    };
    let tried = python()
        .args(["-c", "import lxml.etree, check_jsonschema, ruamel.yaml"])
        .output();
    if packages.is_dir() && tried.is_ok_and(|tried| tried.status.success()) {
        return Some(python());
    }
    eprintln!("skipped: no linters; `python3 scripts/setup.py reference` fetches them");
    None
}
