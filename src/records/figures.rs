//! The figures that `data/metrics.csv` may hold, by name: what rules and claims can be about.

/// Figures with one name.
const PLAIN: &[&str] = &[
    "claims_held",
    "claims_not_held",
    "claims_undecided",
    "claims_not_testable",
    "correspondence_closer_than_place_upper",
    "correspondence_closer_top",
    "correspondence_closer_upper",
    "dead_maps",
    "error_difference",
    "error_interaction",
    "evolution_jump_excess",
    "evolution_settled_trend",
    "filter_repetition",
    "filter_aliased_share",
    "filter_aliased_share_difference",
    "filter_aliased_share_noise",
    "filter_dead_share_difference",
    "filter_high_share",
    "filter_high_share_difference",
    "filter_high_share_noise",
    "filter_low_share",
    "filter_low_share_noise",
    "filter_middle_share",
    "filter_middle_share_noise",
    "invariance_first_beyond_top",
    "invariance_rotation_loss",
    "invariance_top_linearity",
    "label_found",
    "occlusion_changed_share",
    "occlusion_deletion_area",
    "occlusion_drop",
    "occlusion_insertion_area",
    "occlusion_projection_correlation",
    "photos",
    "projection_area_trend",
    "projection_fine_share_trend",
    "saturated_maps",
    "settled_epoch",
    "skipped",
    "top1_accuracy",
    "top5_accuracy",
    "top9_invariance",
    "top9_invariance_trend",
    "top9_patch_spread",
    "top9_projection_spread",
    "top9_purity",
    "top9_purity_trend",
];

/// How the names of figures begin of which there is one for each region, and none without regions.
pub const FIGURES_OF_REGIONS: &[&str] = &[
    "control_drop_",
    "drop_beyond_control_",
    "left_five_beyond_control_",
    "masked_activation_fall_",
    "masked_drop_",
    "masked_left_five_",
    "masked_share_fall_",
    "masked_still_first_",
    "occlusion_chance_",
    "occlusion_drop_inside_beyond_outside_",
    "occlusion_hit_",
];

/// How the names of figures begin of which there is one for each layer, transformation, rule or number a class.
const FAMILIES: &[&str] = &[
    "correspondence_",
    "invariance_rotation_",
    "invariance_scale_",
    "invariance_translation_",
    "randomisation_cosine_",
    "randomisation_ssim_",
    "transfer_",
    "val_",
];

/// Whether a run may have a figure of that name.
pub fn is_figure(name: &str) -> bool {
    let of_family = |family: &str| name.starts_with(family) && name != family.trim_end_matches('_');
    PLAIN.contains(&name) || families().any(of_family)
}

/// The names of figures, a family as `masked_drop_…`.
pub fn figure_names() -> Vec<String> {
    let plain = PLAIN.iter().map(|name| (*name).to_owned());
    plain
        .chain(families().map(|family| format!("{family}…")))
        .collect()
}

fn families() -> impl Iterator<Item = &'static str> {
    FIGURES_OF_REGIONS.iter().chain(FAMILIES).copied()
}
