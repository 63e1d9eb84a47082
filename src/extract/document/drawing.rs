//! DrawingML text: paragraphs of shapes, tables on slides, charts and diagrams. ECMA-376 part 1, chapters 20 and 21.
//!
//! A paragraph is a line, a table a table, each kept value of a chart a line of its own.

use super::{
    flow::Flow,
    xml::{Node, Xml},
};

/// What a drawing said beside its text.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// Whether its root says that it is not shown.
    pub(super) is_hidden: bool,
    /// Whether its XML broke off.
    pub(super) is_broken: bool,
    /// Descriptions of pictures and shapes.
    pub(super) described: Vec<String>,
}

/// Which shapes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shapes {
    /// All.
    All,
    /// Those that are shown on every slide: placeholders only say where text would stand.
    Fixed,
}

/// Adds all text of a drawing to `flow`.
pub(super) fn read(text: &str, shapes: Shapes, flow: &mut Flow) -> Drawn {
    let (mut xml, mut drawn) = (Xml::new(text), Drawn::default());
    let (mut line, mut takes, mut in_paragraph, mut skips, mut is_root) =
        (String::new(), false, false, false, true);
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => {
                if std::mem::take(&mut is_root) {
                    drawn.is_hidden = element.get("show").is_some_and(|show| matches!(&*show, "0" | "false"));
                }
                match element.name() {
                    "p" => {
                        in_paragraph = true;
                        line.clear();
                    }
                    "t" | "v" => takes = true,
                    "br" => line.push('\n'),
                    "ph" => skips = shapes == Shapes::Fixed,
                    "tbl" => flow.open_table(),
                    "tr" => flow.open_row(),
                    // Cells that a span covers are written too.
                    "tc" => flow.open_cell(),
                    "cNvPr" | "docPr" => {
                        let named = ["descr", "title"].into_iter().filter_map(|name| element.get(name));
                        drawn.described.extend(
                            named.filter(|text| !text.trim().is_empty()).map(|text| text.into_owned()),
                        );
                    }
                    _ => {}
                }
            }
            Node::Text(text) if takes => line.push_str(&text),
            Node::Text(_) => {}
            Node::Close(name) => match name {
                "p" => {
                    in_paragraph = false;
                    add(&mut line, skips, flow);
                }
                "t" | "v" => {
                    takes = false;
                    if !in_paragraph {
                        add(&mut line, skips, flow);
                    }
                }
                "sp" => skips = false,
                "tc" => flow.close_cell(),
                "tbl" => flow.close_table(),
                _ => {}
            },
        }
    }
    drawn.is_broken = xml.is_broken();
    drawn
}

fn add(line: &mut String, skips: bool, flow: &mut Flow) {
    if !skips && !line.trim().is_empty() {
        flow.paragraph(line, None);
    }
    line.clear();
}
