//! The command line as one types it: help, wrong usage, the zoo, completions, and who reads what.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use deconvscope::network::zoo;
use std::path::Path;
use std::process::{Command, Stdio};
use support::photos::photo;
use support::{ended, program, type_in, Ended, TINY};
use tempfile::TempDir;

/// A folder with `photos/1.png` and `photos/2.jpg`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("photos/1.png"), (300, 260), 1);
    photo(&folder.path().join("photos/2.jpg"), (260, 300), 2);
    folder
}

fn shown(line: &str) -> String {
    let ended = type_in(Path::new("/"), line);
    assert_eq!((ended.code, &*ended.stderr), (0, ""), "{line}");
    ended.stdout
}

/// Wrong usage: exit code 2, nothing on stdout, a message with `part`, and nothing done.
#[track_caller]
fn misused(line: &str, part: &str) {
    let folder = folder();
    type_in(folder.path(), line).code(2).says(part);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{line}: {left:?}");
}

#[test]
fn help_names_every_subcommand_and_the_exit_codes() {
    let help = shown("--help");
    for word in [
        "report",
        "setup-sample",
        "train",
        "study",
        "plan",
        "work",
        "status",
        "merge",
        "render",
        "check",
        "model",
        "completions",
        "man",
    ] {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(word)),
            "{word}: {help}"
        );
    }
    let sentence = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for code in [
        "0 done",
        "1 failed",
        "2 wrong usage",
        "3 done but",
        "4 a rule of check",
        "42 work would fail again",
        "75 stopped",
        "130 interrupted",
    ] {
        assert!(sentence.contains(code), "{code}: {help}");
    }
    assert!(shown("--version").starts_with("deconvscope "));
}

#[test]
fn the_help_of_report_names_every_option_of_the_contract() {
    let help = shown("report --help");
    for option in [
        "model",
        "weights",
        "classes",
        "labels",
        "masks",
        "layers",
        "fill",
        "kinds",
        "detail",
        "arrays",
        "limit",
        "seed",
        "device",
        "precision",
        "threads",
        "batch",
        "memory",
        "out",
        "resume",
        "overwrite",
        "strict",
        "lang",
        "quiet",
        "verbose",
        "single-file",
        "single-file-limit",
    ] {
        assert!(help.contains(&format!("--{option}")), "{option}");
    }
    let wide: Vec<_> = help
        .lines()
        .filter(|line| line.chars().count() > 100)
        .collect();
    assert!(wide.is_empty(), "{wide:?}");
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    misused("", "Usage: deconvscope");
    misused("report", "<DATASET>");
    misused("render", "<RUN>");
    misused("study", "<STUDY>");
    misused("study ablation", "<DATASET>");
    misused("plan photos --out plan", "--shards <N>");
    misused("work plan", "--shard <K|auto>");
    misused("status", "<PLAN>");
    misused("merge plan", "--out <DIR>");
    misused("model", "Usage: deconvscope model");
    misused("completions", "<SHELL>");
    misused("raport photos", "'report'");
    misused("report photos --thread 1", "'--threads'");
    misused("report photos extra", "extra");
    misused("model show", "<MODEL>");
    misused("completions cow", "zsh");
}

#[test]
fn values_that_make_no_sense_are_refused_before_anything_is_done() {
    for (options, part) in [
        ("--threads 0", "at least 1"),
        ("--threads two", "at least 1"),
        ("--batch 0", "at least 1"),
        ("--limit 0", "at least 1"),
        ("--top 0", "at least 1"),
        ("--seed -1", "-1"),
        ("--seed x", "--seed"),
        ("--fill 1,2", "three numbers"),
        ("--fill 1,2,256", "from 0 to 255"),
        ("--fill red", "128,128,128"),
        ("--detail x", "a number, masked or all"),
        ("--detail -1", "-1"),
        ("--kinds x", "unit or layer"),
        ("--kinds unit,x", "unit or layer"),
        ("--arrays some", "all, none"),
        ("--lang fr", "en or ko"),
        ("--device gpu", "expected auto, cpu, cuda, cuda:N, several"),
        (
            "--device cuda:x",
            "expected auto, cpu, cuda, cuda:N, several",
        ),
        ("--device cuda:0,cuda:0", "cuda:0 is named twice"),
        ("--device cpu,cuda:0", "cpu stands alone"),
        ("--precision half", "expected float32, tf32 or bf16"),
        ("--instructions sse9", "auto, sse41, avx2 or avx512"),
        ("--resume", "--out"),
        ("--overwrite", "--out"),
        ("--out o --resume --overwrite", "cannot be used with"),
        ("--quiet --verbose", "cannot be used with"),
    ] {
        misused(&format!("report photos {options}"), part);
    }
}

#[test]
fn the_zoo_is_listed() {
    let list = shown("model list");
    let members = || list.lines().filter_map(|line| line.strip_prefix("  "));
    let names: Vec<&str> = members()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let known: Vec<&str> = zoo::entries().map(|entry| entry.name).collect();
    assert_eq!(names, known);
    let line = |name: &str| members().find(|line| line.starts_with(name)).unwrap();
    assert!(line("squeezenet1_1").contains(" installed "), "{list}");
    let published = "resnet50-0676ba61.pth (76.1 %), resnet50-11ad3fa6.pth (80.9 %)";
    assert!(line("resnet50").ends_with(published), "{list}");
}

#[test]
fn every_network_shows_its_nodes_and_stages() {
    for (name, stages) in [
        ("squeezenet1_1", "conv1 fire3 fire5 fire9 conv10"),
        ("squeezenet1_0", "conv1 fire3 fire5 fire9 conv10"),
        ("alexnet", "conv1 conv2 conv3 conv4 conv5 fc6 fc7"),
        ("alexnet_original", "conv1 conv2 conv3 conv4 conv5 fc6 fc7"),
        ("zfnet", "conv1 conv2 conv3 conv4 conv5 fc6 fc7"),
        ("vgg16", "conv1_2 conv2_2 conv3_3 conv4_3 conv5_3 fc6 fc7"),
        (
            "vgg19_bn",
            "conv1_2 conv2_2 conv3_4 conv4_4 conv5_4 fc6 fc7",
        ),
        ("resnet18", "conv1 layer1 layer2 layer3 layer4"),
        ("wide_resnet50_2", "conv1 layer1 layer2 layer3 layer4"),
        ("mnasnet0_5", "expand8 expand9 expand10 expand12 conv14"),
        ("shufflenet_v2_x1_0", "conv1 stage2 stage3 stage4 conv5"),
        ("regnet_x_400mf", "stem block1 block2 block3 block4"),
        (
            "googlenet",
            "conv1 conv2 conv3 inception3b inception4e inception5b",
        ),
        ("mobilenet_v2", "expand2 expand4 expand7 expand14 conv18"),
        (
            "densenet121",
            "conv0 denseblock1 denseblock2 denseblock3 denseblock4",
        ),
        (
            "efficientnet_lite0",
            "expand1 expand3 expand5 expand11 conv_head",
        ),
    ] {
        let text = shown(&format!("model show {name}"));
        assert!(text.starts_with(&format!("{name}: input 3×")), "{text}");
        let last_words = text
            .lines()
            .map(|line| line.trim_end_matches(" (on request)"));
        let last_words: Vec<&str> = last_words
            .filter_map(|line| line.split_whitespace().last())
            .collect();
        for stage in stages.split(' ') {
            assert!(last_words.contains(&stage), "{stage}: {text}");
        }
    }
    let tiny = shown("model show tiny");
    assert!(
        tiny.contains("3×32×32") && tiny.lines().count() > 10,
        "{tiny}"
    );
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest_one() {
    let folder = folder();
    for (line, parts) in [
        (
            "model show resnet-18",
            ["unknown model 'resnet-18'", "'resnet18'?"],
        ),
        (
            "model show squeezenet",
            ["unknown model 'squeezenet'", "'squeezenet1_1'?"],
        ),
        (
            "report photos --model vgg-16",
            ["unknown model 'vgg-16'", "'vgg16'?"],
        ),
        (
            "report photos --model squeezenet1_1 --layers conv1,fire99",
            ["unknown layer 'fire99'", "'fire9'?"],
        ),
        (
            "report photos --model squeezenet1_1 --layers features.12.expand3x4",
            [
                "unknown layer 'features.12.expand3x4'",
                "'features.12.expand3x3'?",
            ],
        ),
        (
            "report photos --model squeezenet1_1 --layers xyzzy",
            ["unknown layer 'xyzzy'", "known: conv1, fire3"],
        ),
        (
            "report photos --model squeezenet1_1 --layers input",
            ["unknown layer 'input'", "known: conv1, fire3"],
        ),
    ] {
        type_in(folder.path(), line).fails_with(&parts);
    }
    assert!(!folder.path().join("reports").exists());
}

#[test]
fn a_device_asked_for_by_name_and_absent_is_an_error() {
    if Path::new("/dev/nvidiactl").exists() {
        return eprintln!("skipped: there is a GPU");
    }
    let folder = folder();
    for device in ["cuda", "cuda:3", "cuda:0,cuda:1", "all"] {
        let line = format!("report photos --features none --out o --device {device}");
        type_in(folder.path(), &line).fails_with(&["device '", "not available"]);
        assert!(!folder.path().join("o").exists());
    }
    type_in(
        folder.path(),
        "report photos --features none --out o --device auto",
    )
    .ok()
    .says(" on cpu");
}

#[test]
fn completions_and_man_pages_name_the_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shown(&format!("completions {shell}"));
        assert!(
            script.contains("deconvscope") && script.contains("single-file"),
            "{shell}"
        );
    }
    let page = shown("man");
    assert!(page.contains(".TH deconvscope 1"), "{page}");
    for word in ["report", "render", "masks", "overwrite", "130 interrupted"] {
        assert!(page.replace('\\', "").contains(word), "{word}");
    }
}

#[test]
fn stdout_is_left_alone_and_quiet_says_nothing_but_errors() {
    let folder = folder();
    let said = type_in(folder.path(), "report photos --out a").ok();
    for part in ["2 photographs", "tiny on cpu", "report: a/index.html"] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
    let more = type_in(folder.path(), "report photos --out b --verbose").ok();
    assert!(
        more.stderr.contains("1.png") && more.stderr.lines().count() > said.stderr.lines().count()
    );

    assert_eq!(
        type_in(
            folder.path(),
            "report photos --features none --out c --quiet"
        )
        .ok()
        .stderr,
        ""
    );
    assert_eq!(type_in(folder.path(), "render c -q").ok().stderr, "");
    let failed = type_in(folder.path(), "report photos --features none --out c -q")
        .fails_with(&["--overwrite"]);
    assert_eq!(failed.stderr.lines().count(), 1);
    type_in(folder.path(), "render nothing -q").fails_with(&["nothing"]);
}

#[test]
fn without_out_the_run_lands_under_reports_and_is_named() {
    let folder = folder();
    let said = type_in(folder.path(), "report photos --features none --detail 0").ok();
    let line = said.stderr.lines().last().unwrap();
    let index = line.strip_prefix("report: ").unwrap();
    assert!(folder.path().join(index).is_file(), "{line}");
    let name = index.strip_prefix("reports/photos-").unwrap();
    let (date, _) = name.split_once('T').unwrap();
    assert!(
        date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()),
        "{name}"
    );
    assert!(name.ends_with("Z/index.html"), "{name}");
}

/// Runs a shell line in which `$D` is the program; what counts is the program's own end, in `PIPESTATUS[0]`.
fn in_shell(folder: &Path, line: &str) -> Ended {
    let mut shell = assert_cmd::Command::from_std(Command::new("bash"));
    let weights = support::weights();
    shell
        .current_dir(folder)
        .env("D", program())
        .env("DECONVSCOPE_WEIGHTS", weights.parent().unwrap())
        .args(["-c", &format!("{line}; exit ${{PIPESTATUS[0]}}")]);
    ended(&mut shell)
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder();
    for line in ["model list", "completions bash", "man", "--help"] {
        // `head` may be gone before the program has written anything.
        let ended = in_shell(folder.path(), &format!("$D {line} | head -c 0"));
        assert_eq!((ended.code, &*ended.stderr), (0, ""), "{line}");
    }
    let ended = in_shell(folder.path(), "$D model list > /dev/full");
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("No space left"), "{}", ended.stderr);
}

#[test]
fn a_run_whose_messages_nobody_reads_goes_on() {
    let folder = folder();
    for (out, stderr) in [("a", "2>&1 | head -1"), ("b", "2>/dev/full"), ("c", "2>&-")] {
        let ended = in_shell(
            folder.path(),
            &format!(
                "$D report photos {} --features none --out {out} {stderr}",
                TINY.join(" ")
            ),
        );
        assert_eq!(ended.code, 0, "{stderr}: {}", ended.stdout);
        assert!(
            folder.path().join(out).join("run.json").is_file(),
            "{stderr}"
        );
    }
    assert_eq!(
        in_shell(folder.path(), "$D report nothing 2>/dev/full").code,
        1
    );
}

#[test]
fn the_program_runs_from_any_folder_and_without_variables() {
    let folder = folder();
    let done = Command::new(program())
        .env_clear()
        .current_dir("/")
        .arg("report")
        .arg(folder.path().join("photos"))
        .args([
            "--detail",
            "0",
            "--features",
            "none",
            "--occlusion",
            "none",
            "--out",
        ])
        .arg(folder.path().join("o"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}
