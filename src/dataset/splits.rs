//! Folder names that say what photographs are for, not what they show: `train`, `Test_Set`, `val2017`, `fold-1`.

use super::folder_words::{is_sequence, lower, tokens, MEDIA};

/// What a split is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Training,
    Validation,
    Test,
    /// To be told what is in them.
    Prediction,
    /// A part as any other.
    Part,
}

/// The words of splits.
const WORDS: [(&str, Role); 39] = [
    ("train", Role::Training),
    ("training", Role::Training),
    ("trn", Role::Training),
    ("val", Role::Validation),
    ("valid", Role::Validation),
    ("validation", Role::Validation),
    ("validate", Role::Validation),
    ("dev", Role::Validation),
    ("devel", Role::Validation),
    ("development", Role::Validation),
    ("eval", Role::Validation),
    ("evaluation", Role::Validation),
    ("test", Role::Test),
    ("testing", Role::Test),
    ("tst", Role::Test),
    ("holdout", Role::Test),
    ("pred", Role::Prediction),
    ("predict", Role::Prediction),
    ("prediction", Role::Prediction),
    ("predictions", Role::Prediction),
    ("inference", Role::Prediction),
    ("unlabeled", Role::Part),
    ("unlabelled", Role::Part),
    ("fold", Role::Part),
    ("kfold", Role::Part),
    ("cv", Role::Part),
    ("split", Role::Part),
    ("partition", Role::Part),
    ("part", Role::Part),
    ("batch", Role::Part),
    ("chunk", Role::Part),
    ("shard", Role::Part),
    ("학습", Role::Training),
    ("훈련", Role::Training),
    ("검증", Role::Validation),
    ("테스트", Role::Test),
    ("시험", Role::Test),
    ("평가", Role::Test),
    ("추론", Role::Prediction),
];

/// What may stand beside them: `single_prediction`, `seg_train`, `test_images`.
const BESIDE: [&str; 37] = [
    "set",
    "sets",
    "subset",
    "single",
    "seg",
    "stage",
    "phase",
    "round",
    "task",
    "public",
    "private",
    "internal",
    "external",
    "hidden",
    "blind",
    "official",
    "final",
    "full",
    "small",
    "mini",
    "resized",
    "cropped",
    "clean",
    "labeled",
    "labelled",
    "annotated",
    "additional",
    "extra",
    "challenge",
    "v",
    "the",
    "for",
    "my",
    "new",
    "old",
    "sample",
    "samples",
];

/// What the split of this name is for; none for other folders. In any case, with numbers and years, with `-`, `_` and blanks or
/// without.
pub(super) fn role(name: &str) -> Option<Role> {
    role_beside(name, &[])
}

/// Whether folders of these names, which lie side by side, are the splits of a data set. Its name may stand in all of theirs
/// (`isic_train`, `isic_test`), and where two are for different things others lie beside splits.
pub(super) fn are_splits(names: &[&str]) -> bool {
    if names.iter().all(|name| role(name).is_some()) {
        return !names.is_empty();
    }
    let lower: Vec<String> = names.iter().map(|name| lower(name)).collect();
    let has_role = |name: &&String| tokens(name).any(|token| matches!(words(token), Some(Some(_))));
    let candidates: Vec<&String> = lower.iter().filter(has_role).collect();
    let in_all = |token: &&str| {
        let has = |name: &&String| tokens(name).any(|other| other == *token);
        candidates.iter().all(has)
    };
    let first = candidates.first().map(|name| tokens(name).filter(in_all));
    let common: Vec<&str> = first.into_iter().flatten().collect();
    let roles: Vec<Role> = names
        .iter()
        .filter_map(|name| role_beside(name, &common))
        .collect();
    let differ = roles.iter().any(|role| *role != roles[0]);
    differ || (roles.len() > 1 && roles.len() == names.len())
}

fn role_beside(name: &str, common: &[&str]) -> Option<Role> {
    let name = lower(name);
    if ["hold-out", "hold_out", "hold out"].contains(&name.as_str()) {
        return Some(Role::Test);
    }
    let mut found = None;
    for token in tokens(&name) {
        found = match words(token) {
            // `split_train` is for training.
            Some(role) => found.filter(|role| *role != Role::Part).or(role).or(found),
            None if common.contains(&token) => found,
            None => return None,
        };
    }
    found
}

/// What the words that a token is made of (`trainset`, `testimages`) say of a split, first word first; none where one of them
/// is another.
fn words(token: &str) -> Option<Option<Role>> {
    if BESIDE.contains(&token) || MEDIA.contains(&token) {
        return Some(None);
    }
    if let Some((_, role)) = WORDS.iter().find(|(word, _)| *word == token) {
        return Some(Some(*role));
    }
    let begins = |(word, role): &(&str, Role)| {
        let rest = token.strip_prefix(word)?;
        let beside = |word: &str| {
            BESIDE.contains(&word)
                || MEDIA.contains(&word)
                || WORDS.iter().any(|(known, _)| *known == word)
        };
        is_sequence(rest, &beside).then_some(*role)
    };
    WORDS.iter().find_map(begins).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_known_in_any_spelling() {
        for (names, expected) in [
            (
                &[
                    "train",
                    "Training",
                    "training_set",
                    "TRAIN",
                    "trn",
                    "train2017",
                    "train-1",
                    "TrainingSet",
                    "Training Set",
                    "trainset",
                    "seg_train",
                    "train_images",
                    "trainval",
                    "train_val_2012",
                    "stage1_train",
                    "split_train",
                    "part1_train",
                    "1.Training",
                    "학습",
                    "훈련_1",
                    "\u{1112}\u{1161}\u{11a8}\u{1109}\u{1173}\u{11b8}",
                ][..],
                Some(Role::Training),
            ),
            (
                &[
                    "val",
                    "valid",
                    "validation",
                    "dev",
                    "eval",
                    "val2017",
                    "ValidationSet",
                    "dev-set",
                    "evaluation",
                    "검증",
                ],
                Some(Role::Validation),
            ),
            (
                &[
                    "test",
                    "testing",
                    "test_set",
                    "test1",
                    "Test Set",
                    "holdout",
                    "hold-out",
                    "testimages",
                    "public_test",
                    "test2017",
                    "테스트",
                ],
                Some(Role::Test),
            ),
            (&["single_prediction", "seg_pred"], Some(Role::Prediction)),
            (
                &[
                    "fold1",
                    "Fold_02",
                    "fold-3",
                    "split0",
                    "unlabeled2017",
                    "cv1",
                    "part_1",
                    "batch2",
                ],
                Some(Role::Part),
            ),
            (
                &[
                    "cats",
                    "dogs",
                    "trains",
                    "trainers",
                    "0",
                    "1",
                    "contest",
                    "latest",
                    "evaluator",
                    "testa",
                    "tested",
                    "devices",
                    "images",
                    "value",
                    "validity",
                    "good",
                    "set",
                    "bullet_train",
                    "train_station",
                    "",
                    "2017",
                    "t",
                    "parts",
                    "party",
                ],
                None,
            ),
        ] {
            for name in names {
                assert_eq!(role(name), expected, "{name}");
            }
        }
    }

    #[test]
    fn what_lies_side_by_side_decides_together() {
        for names in [
            &["train"][..],
            &["train", "dev", "eval"],
            &["fold1", "fold2"],
            &["isic_train", "isic_test"],
            &["foo_fold1", "foo_fold2"],
            &["bounding_box_train", "bounding_box_test", "query"],
            &["X_train", "X_test"],
            &["train", "blind_test"],
            &["train2017", "test-dev2017", "unlabeled2017"],
            &["train", "valid", "test1", "models"],
            &["HAM10000_images_part_1", "HAM10000_images_part_2"],
        ] {
            assert!(are_splits(names), "{names:?}");
        }
        for names in [
            &[][..],
            &["train", "bus"],
            &["steam_train", "electric_train"],
            &["cats", "dogs", "test"],
            &["cat_test"],
            &["train_red", "train_blue"],
            &["bullet_train", "bus"],
            &["cats"],
        ] {
            assert!(!are_splits(names), "{names:?}");
        }
    }
}
