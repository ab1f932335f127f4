//! `deconvscope model`: the networks that can be used.

mod show;

use std::fmt::Write;

use base::{Error, Result};
use network::{self, model, zoo, Changes, Model, ModelSource};
use progress::{say, Voice};

use crate::cli::ModelCommand;

pub(super) fn run(command: &ModelCommand, voice: Voice) -> Result<()> {
    match command {
        ModelCommand::List => super::print(list().as_bytes()),
        ModelCommand::Show {
            model,
            weights,
            crop,
            reading,
        } => {
            let source = ModelSource {
                name: model.clone(),
                weights: weights.clone(),
                scores: reading.scores,
                output_node: reading.output_node.clone(),
                batch_norm: reading.batch_norm,
                preprocessing: Changes {
                    crop: *crop,
                    ..Changes::NONE
                },
                ..ModelSource::default()
            };
            super::print(show::text(&source)?.as_bytes())
        }
        ModelCommand::Convert {
            model,
            out,
            weights,
            classes,
            reading,
            preprocessing,
            overwrite,
        } => {
            let out = out.with_extension("safetensors");
            if out.exists() && !overwrite {
                return Err(Error::Usage(format!(
                    "{} is there already; --overwrite replaces it",
                    out.display()
                )));
            }
            let model = Model::load(&ModelSource {
                name: model.clone(),
                weights: weights.clone(),
                classes: classes.clone(),
                scores: reading.scores,
                output_node: reading.output_node.clone(),
                batch_norm: reading.batch_norm,
                preset: preprocessing.preset,
                preprocessing: preprocessing.changes(),
            })?;
            for note in &model.notes {
                say(voice, note);
            }
            for path in network::Whole::of(&model).write(&out)? {
                say(voice, &format!("wrote {}", path.display()));
            }
            Ok(())
        }
    }
}

fn list() -> String {
    let mut text = String::new();
    for family in zoo::FAMILIES {
        let _ = writeln!(text, "{}", family.about);
        for entry in family.members {
            let weights = match model::installed(entry.name) {
                Some(_) => "installed",
                None => "needs --weights",
            };
            let published = entry.published.iter();
            let published = published.map(|file| format!("{} ({:.1} %)", file.file, file.top1));
            let published = published.collect::<Vec<_>>().join(", ");
            let line = format!("  {:<20} {weights:<16} {published}", entry.name);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text += "Behind a name the files of weights that torchvision publishes, and how many of ImageNet's validation photographs these tell right.\n";
    text
}
