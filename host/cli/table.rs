//! Lists as aligned columns.

use comfy_table::{ContentArrangement, Table, presets};

/// Columns with a heading each; the last one wraps where the terminal ends.
pub(crate) fn render<const N: usize>(
    heading: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    width: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(heading);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [["WL-001", "Short"], ["A", "Longer title"]].map(|row| row.map(str::to_owned));
        let text = render(["ID", "TITLE"], rows.into_iter(), 80);
        let columns: Vec<Option<usize>> = [("TITLE", 0), ("Short", 1), ("Longer", 2)]
            .iter()
            .map(|(word, line)| text.lines().nth(*line)?.find(word))
            .collect();
        assert!(columns[0].is_some() && columns.iter().all(|column| *column == columns[0]), "{text}");
    }
}
