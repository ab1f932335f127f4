//! A pipeline's shell steps, run as its platform runs them, without what sets deconvscope up.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::support::{ended, linters, on_the_path, repository, weights, Ended};

/// Shell steps and what they find in their environment.
pub(crate) struct Pipeline {
    steps: Vec<String>,
    environment: BTreeMap<String, String>,
    bash: &'static [&'static str],
}

/// The steps of docs/ci/github-actions.yml.
pub(crate) fn github() -> Option<Pipeline> {
    let workflow = read("github-actions.yml")?;
    let steps: Vec<String> = workflow["jobs"]["report"]["steps"]
        .as_array()?
        .iter()
        .filter(|step| step["name"] != "Build")
        .filter_map(|step| step["run"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(steps.len(), 5);
    let mut environment = strings(&workflow["env"]);
    environment.insert("GITHUB_STEP_SUMMARY".into(), "summary.md".into());
    environment.insert("GITHUB_PATH".into(), "path".into());
    environment.insert("GITHUB_WORKSPACE".into(), "/nowhere".into());
    Some(Pipeline {
        steps,
        environment,
        bash: &["--noprofile", "--norc", "-e", "-o", "pipefail"],
    })
}

/// The script of docs/ci/gitlab-ci.yml.
pub(crate) fn gitlab() -> Option<Pipeline> {
    let file = read("gitlab-ci.yml")?;
    let job = &file["deconvscope"];
    let lines: Vec<&str> = job["script"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(lines.len(), 5);
    let mut environment = strings(&file["variables"]);
    // As the job's rules set it on the default branch.
    environment.extend(strings(&job["rules"][0]["variables"]));
    Some(Pipeline {
        steps: vec![lines.join("\n")],
        environment,
        bash: &["-e", "-o", "pipefail"],
    })
}

impl Pipeline {
    /// Runs the steps in `folder` until one fails.
    pub(crate) fn run(&self, folder: &Path) -> Ended {
        let mut all = Ended {
            code: 0,
            stdout: String::new(),
            stderr: String::new(),
        };
        let programs = on_the_path();
        for step in &self.steps {
            let path = std::env::var("PATH").unwrap();
            let mut bash = assert_cmd::Command::new("bash");
            bash.args(self.bash)
                .args(["-c", step])
                .current_dir(folder)
                .env_remove("GITHUB_STEP_SUMMARY")
                .env("PATH", format!("{}:{path}", programs.path().display()))
                .env("DECONVSCOPE_WEIGHTS", weights().parent().unwrap())
                .envs(&self.environment);
            let step = ended(&mut bash);
            all.code = step.code;
            all.stdout += &step.stdout;
            all.stderr += &step.stderr;
            if all.code != 0 {
                break;
            }
        }
        all
    }
}

fn strings(object: &Value) -> BTreeMap<String, String> {
    let entries = object.as_object().unwrap().iter();
    entries
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

const TO_JSON: &str = "
import json, sys
from ruamel.yaml import YAML
json.dump(YAML(typ='safe', pure=True).load(open(sys.argv[1])), sys.stdout)
";

/// A YAML file of docs/ci, read by Python; `None` where that has no packages for it.
fn read(name: &str) -> Option<Value> {
    let path = repository().join("docs/ci").join(name);
    let output = linters::python()?
        .args(["-c", TO_JSON])
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{name}: {said}")))
}
