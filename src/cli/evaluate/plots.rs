//! `evaluate --plots`: precision-recall and calibration curves as SVG, a panel per area.
//!
//! Not here: the numbers (`metrics.rs`, `tally.rs`). Kept true: the same report gives the same bytes; a picture shows
//! nothing that the JSON could not answer for.

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;

use super::grade::Graded;
use super::metrics::{ReliabilityBin, precision_recall};
use super::report::{AreaReport, Report};
use crate::cli::failure::{Failure, say};
use crate::domain::RiskArea;

/// Width and height of a panel.
const PANEL: (u32, u32) = (340, 320);
/// Panels beside each other.
const ACROSS: usize = 3;
/// Height of the title.
const HEAD: u32 = 64;
/// Points of a curve at most: more than there are pixels show nothing more.
const POINTS: usize = 500;

const CURVE: RGBColor = RGBColor(0x1f, 0x5f, 0xa8);
const POINT: RGBColor = RGBColor(0xc2, 0x41, 0x0c);
const QUIET: RGBColor = RGBColor(0x6b, 0x72, 0x80);
const OTHER: RGBColor = RGBColor(0xb6, 0xbc, 0xc6);
const GRID: RGBColor = RGBColor(0xe5, 0xe7, 0xeb);
const INK: RGBColor = RGBColor(0x11, 0x18, 0x27);

/// Where panels are drawn.
type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Writing into a string does not fail; the library cannot know.
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws both pictures into a folder, which is made if need be.
pub(super) fn draw(folder: &Path, report: &Report, graded: &[Graded]) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::io(format_args!("{} cannot be written", folder.display()), &error);
    fs::create_dir_all(folder).map_err(cannot)?;
    let lines = format!("{} {}, core lines", report.policy.name, report.policy.version);
    let pictures = [
        ("precision-recall.svg", precision_recall_picture(&lines, report, graded)),
        ("calibration.svg", calibration_picture(&lines, report)),
    ];
    for (name, picture) in pictures {
        let svg = picture.map_err(|error| Failure::new(format!("{name} cannot be drawn: {error}")))?;
        fs::write(folder.join(name), svg).map_err(cannot)?;
    }
    say(&format!("curves in {}", folder.display()));
    Ok(())
}

fn precision_recall_picture(
    lines: &str,
    report: &Report,
    graded: &[Graded],
) -> Result<String, DrawingAreaErrorKind<std::io::Error>> {
    let note = format!("{lines}, in the proportions of the file. Dot: what the pack puts at REVIEW or above.");
    picture("Precision and recall", &note, &report.areas, |area, panel| {
        let Ok(named) = area.area.parse::<RiskArea>() else { return Ok(()) };
        let core = || graded.iter().filter(|row| row.core);
        let positives: Vec<f64> =
            core().filter(|row| row.labelled().any(|one| one == named)).map(|row| row.risk_in(named)).collect();
        let negatives: Vec<f64> = core().filter(|row| row.is_clear()).map(|row| row.risk_in(named)).collect();
        let curve = steps(&thinned(precision_recall(&positives, &negatives)));
        let caption = format!("{} lines, AP {:.3}", area.rows, area.average_precision.unwrap_or_default());
        let mut chart = chart(panel, &area.area, &caption, ("recall", "precision"))?;
        chart.draw_series(LineSeries::new(curve, CURVE.stroke_width(2)))?;
        let recall = area.recall_review.unwrap_or_default();
        let caught = recall * area.rows as f64;
        if caught > 0.0 {
            let precision = caught / (caught + area.false_positives_review as f64);
            chart.draw_series([Circle::new((recall, precision), 4, POINT.filled())])?;
        }
        Ok(())
    })
}

fn calibration_picture(lines: &str, report: &Report) -> Result<String, DrawingAreaErrorKind<std::io::Error>> {
    let note = format!(
        "{lines}, labelled ones as rare as the prior says (grey: as in the file). On the dashes, a risk is the share confirmed."
    );
    picture("Calibration", &note, &report.areas, |area, panel| {
        // In the proportions of the file, every pack looks too cautious: what counts is the world that the pack expects.
        let at_prior = area.at_prior.as_ref();
        let error = at_prior.map_or(area.expected_calibration_error, |at| at.expected_calibration_error);
        let caption = format!("{} lines, ECE {:.3}", area.rows, error.unwrap_or_default());
        let mut chart = chart(panel, &area.area, &caption, ("risk", "share confirmed"))?;
        chart.draw_series(DashedLineSeries::new([(0.0, 0.0), (1.0, 1.0)], 5, 4, QUIET.stroke_width(1)))?;
        let filled = |bins: &[ReliabilityBin]| bins.iter().filter(|bin| bin.rows > 0).copied().collect::<Vec<_>>();
        let at = |bin: &ReliabilityBin| (bin.mean_risk, bin.positive_share);
        let file = filled(&area.reliability);
        let bins = at_prior.map_or_else(|| file.clone(), |at| filled(&at.reliability));
        if at_prior.is_some() {
            chart.draw_series(LineSeries::new(file.iter().map(at), OTHER.stroke_width(2)))?;
        }
        let points = || bins.iter().map(at);
        chart.draw_series(LineSeries::new(points(), CURVE.stroke_width(2)))?;
        let dots = points().zip(&bins).map(|(at, bin)| {
            // Ten times the lines, two pixels more.
            let radius = 2 + 2 * bin.rows.checked_ilog10().unwrap_or_default();
            Circle::new(at, radius, CURVE.mix(0.75).filled())
        });
        chart.draw_series(dots)?;
        Ok(())
    })
}

/// A title, a note, and a panel for each area.
fn picture(
    title: &str,
    note: &str,
    areas: &[AreaReport],
    mut panel: impl FnMut(&AreaReport, &Canvas<'_>) -> Drawn,
) -> Result<String, DrawingAreaErrorKind<std::io::Error>> {
    let (columns, rows) = (ACROSS, areas.len().div_ceil(ACROSS).max(1));
    let size = (PANEL.0 * ACROSS as u32, HEAD + PANEL.1 * u32::try_from(rows).unwrap_or(1));
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, body) = root.split_vertically(HEAD);
        head.draw_text(title, &("sans-serif", 20).into_font().color(&INK), (16, 12))?;
        head.draw_text(note, &("sans-serif", 12).into_font().color(&QUIET), (16, 42))?;
        for (area, canvas) in areas.iter().zip(body.split_evenly((rows, columns))) {
            panel(area, &canvas)?;
        }
        root.present()?;
    }
    Ok(svg)
}

/// A panel: both axes from 0 to 1.
type Panel<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

fn chart<'a, 'b>(
    canvas: &'a Canvas<'b>,
    name: &str,
    caption: &str,
    (across, up): (&str, &str),
) -> Result<Panel<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
    let mut chart = ChartBuilder::on(canvas)
        .margin(12)
        .caption(format!("{name} ({caption})"), ("sans-serif", 14).into_font().color(&INK))
        .x_label_area_size(34)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(QUIET)
        .x_labels(6)
        .y_labels(6)
        .x_desc(across)
        .y_desc(up)
        .label_style(("sans-serif", 11).into_font().color(&QUIET))
        .axis_desc_style(("sans-serif", 12).into_font().color(&QUIET))
        .draw()?;
    Ok(chart)
}

/// Between two thresholds there is nothing: no slope is drawn where lines of equal risk come at once.
fn steps(curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let before = std::iter::once(0.0).chain(curve.iter().map(|(recall, _)| *recall));
    before.zip(curve).flat_map(|(before, (recall, precision))| [(before, *precision), (*recall, *precision)]).collect()
}

/// At most `POINTS` points, the first and the last among them.
fn thinned(curve: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let step = curve.len().div_ceil(POINTS).max(1);
    let last = curve.last().copied();
    let mut thin: Vec<(f64, f64)> = curve.into_iter().step_by(step).collect();
    if thin.last().copied() != last {
        thin.extend(last);
    }
    thin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_drawn_in_steps() {
        assert_eq!(steps(&[(0.5, 1.0), (1.0, 0.2)]), [(0.0, 1.0), (0.5, 1.0), (0.5, 0.2), (1.0, 0.2)]);
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_ends() {
        let curve: Vec<(f64, f64)> = (0..1234).map(|at| (f64::from(at), 0.0)).collect();
        let thin = thinned(curve);
        assert!(thin.len() <= POINTS + 1);
        assert_eq!((thin[0].0, thin[thin.len() - 1].0), (0.0, 1233.0));
        assert_eq!(thinned(vec![(0.0, 1.0)]), [(0.0, 1.0)]);
    }
}
