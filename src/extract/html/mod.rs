//! HTML: rendered as a reader sees it, with what the reader does not see in a stream of its own.
//!
//! Inline tags leave no trace (`110<b></b>101` is one number), blocks break the line, cells keep table, row and column. Text between tags is
//! copied from the source so that it maps byte by byte; a character reference maps as a whole.

mod events;
mod page;
mod reference;
mod render;
mod style;
mod table;
mod tag;

use html5gum::Tokenizer;

use self::{events::Events, page::Page, render::Renderer};
use super::{
    Markup, Segment,
    attached::{Piece, PieceKind},
};
use crate::{message::Part, span::Mapped};

/// Reads an HTML part.
pub(super) fn read<'m>(
    part: &'m Part<'m>,
    source: &'m Mapped<'m>,
    markup: &Markup,
    segments: &mut Vec<Segment<'m>>,
) {
    render(&source.text, markup).into_segments(part, &source.map, segments);
}

/// Reads HTML of a file: what is seen, and what is hidden.
pub(super) fn pieces(source: &str, markup: &Markup) -> [Piece; 2] {
    let page = render(source, markup);
    let heads = page.cells.iter().enumerate().filter(|(_, cell)| cell.row == 1);
    let heads = heads.map(|(index, cell)| ((cell.table, cell.column), index)).collect();
    let shown = Piece { text: page.shown.text, cells: page.cells, heads, ..Piece::default() };
    [shown, Piece { text: page.hidden.text, kind: PieceKind::Hidden, ..Piece::default() }]
}

/// Renders HTML source.
fn render(source: &str, markup: &Markup) -> Page {
    let mut renderer = Renderer::new(source, markup);
    let Ok(()) = Tokenizer::new_with_emitter(source, Events::new(&mut renderer)).finish();
    renderer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn markup() -> Markup {
        Markup { quote: vec!["gmail_quote".into()], signature: vec!["gmail_signature".into()] }
    }

    fn shown(source: &str) -> String {
        render(source, &markup()).shown.text
    }

    #[test]
    fn renders_as_a_reader_sees_it() {
        for (source, want) in [
            ("<p>1<b></b>38<i>0</i>0</p>", "13800\n"),
            ("<div>a</div><div>b<br>c</div>", "a\nb\nc\n"),
            ("a\r\n  b\t c", "a b c"),
            ("a&nbsp;b &lt;c&gt; &#x597d;&copy2024 &bogus; &amp", "a\u{a0}b <c> 好©2024 &bogus; &"),
            ("<table><tr><td>a<td>b<tr><td>c<td>d</table>e", "a\tb\nc\td\ne"),
            ("<ul><li>a<li>b</ul>", "a\nb\n"),
            ("<pre>a  b\nc</pre>", "a  b\nc\n"),
            ("<head><title>t</title><style>p{}</style></head><body>x<script>y</script>z", "xz\n"),
            ("<img alt='logo of us'>hi", " logo of us hi"),
            ("a<!-- no -->b</span></i>c<", "abc<"),
            ("<p>a<p>b", "a\nb\n"),
        ] {
            assert_eq!(shown(source), want, "{source}");
        }
    }

    #[test]
    fn hidden_text_goes_to_its_own_stream() {
        for source in [
            "<span style='display: none'>secret</span>seen",
            "<span style='FONT-SIZE:0px'>secret</span>seen",
            "<div style='font-size:0'><b style='font-size:110%'>secret</b></div>seen",
            "<div style='opacity:0'><b>secret</b></div>seen",
            "<font color=white>secret</font>seen",
            "<font color='#FFFFFF'>secret</font>seen",
            "<p style='color:#fefefe;background-color:#fff'>secret</p>seen",
            "<div hidden>secret</div>seen",
            "<div style='position:absolute;left:-9999px'>secret</div>seen",
            "<div style='max-height:0;overflow:hidden'>secret</div>seen",
            "<td style='mso-hide:all'>secret</td>seen",
            "<template>secret</template>seen",
        ] {
            let page = render(source, &markup());
            assert_eq!((page.hidden.text.trim(), page.shown.text.trim()), ("secret", "seen"), "{source}");
        }
        for source in [
            "<table bgcolor=black><tr><td><font color=white>seen</font></table>",
            "<div style='background:url(x.png)'><span style='color:#fff'>seen</span></div>",
            "<style>.a{background:#000}</style><div class=a><span style='color:#fff'>seen</span></div>",
            "<span style='font-size:10px'>seen</span>",
            "<td style='font-size:0px'><div style='font-size:15px'>seen</div></td>",
            "<div style='font-size:0'><p style='FONT-SIZE: 12pt'>seen</p></div>",
            "<span style='opacity:0.9'>seen</span>",
        ] {
            let page = render(source, &markup());
            assert_eq!((page.hidden.text.trim(), page.shown.text.trim()), ("", "seen"), "{source}");
        }
    }

    #[test]
    fn cells_know_their_table_row_and_column() {
        let source = "<table><tr><th colspan=2>姓名<th>身份证号</tr><tr><td>张<td>三<td><table><tr><td>x</table></tr></table>";
        let page = render(source, &markup());
        let got: Vec<_> = page
            .cells
            .iter()
            .map(|cell| (cell.table, cell.row, cell.column, cell.span.of_str(&page.shown.text).trim()))
            .collect();
        let want = [
            (1, 1, 1, "姓名"),
            (1, 1, 3, "身份证号"),
            (1, 2, 1, "张"),
            (1, 2, 2, "三"),
            (1, 2, 3, "x"),
            (2, 1, 1, "x"),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn spans_lead_back_into_the_source() {
        let source = "<p>号码\r\n 11&nbsp;<b>01</b>01&#49;</p>";
        let page = render(source, &markup());
        let text = &page.shown.text;
        let at = text.find("01011").expect("rendered");
        let span = page.shown.map.source(Span::new(at, at + 5));
        assert_eq!(span.of_str(source), "01</b>01&#49;");
        let at = text.find('码').expect("rendered");
        assert_eq!(page.shown.map.source(Span::new(at, at + 3)).of_str(source), "码");
    }

    #[test]
    fn quotes_and_signatures_of_the_markup_are_marked() {
        let source = "new<div class='gmail_signature'>me</div><div class=\"x_gmail_quote\">old<blockquote>older</blockquote></div>";
        let page = render(source, &markup());
        let of = |spans: &[Span]| -> Vec<String> {
            spans.iter().map(|span| span.of_str(&page.shown.text).trim().to_owned()).collect()
        };
        assert_eq!(of(&page.signature), ["me"]);
        assert_eq!(of(&page.quoted), ["older", "old\nolder"]);
    }
}
