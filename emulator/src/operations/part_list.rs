//! The list of parts in the body of CompleteMultipartUpload (spec: multipart.md 4).

use roxmltree::Node;

use super::part_slot::part_number;
use crate::documents;
use crate::error::OssError;
use crate::error::catalogue::{invalid_part_order, malformed_xml};
use crate::storage::ListedPart;

/// Reads the list. Names count without their namespace; the numbers have to ascend. A list of no parts
/// is none: all of them are asked for by a header.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedPart>, OssError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed_xml())?;
    let document = documents::parse(text).ok_or_else(malformed_xml)?;
    let root = document.root_element();
    if root.tag_name().name() != "CompleteMultipartUpload" {
        return Err(malformed_xml());
    }
    let parts: Vec<ListedPart> =
        root.children().filter(Node::is_element).map(listed_part).collect::<Result<_, _>>()?;
    if parts.is_empty() {
        return Err(malformed_xml());
    }
    if parts.windows(2).any(|pair| pair[0].number >= pair[1].number) {
        return Err(invalid_part_order());
    }
    Ok(parts)
}

fn listed_part(node: Node<'_, '_>) -> Result<ListedPart, OssError> {
    if node.tag_name().name() != "Part" {
        return Err(malformed_xml());
    }
    let child_text = |name| documents::child_text(node, name).ok_or_else(malformed_xml);
    let number = child_text("PartNumber")?;
    let number = number.trim();
    number.parse::<i64>().map_err(|_| malformed_xml())?;
    let etag = child_text("ETag")?;
    let etag = etag.trim();
    if etag.is_empty() {
        return Err(malformed_xml());
    }
    Ok(ListedPart {
        number: part_number(number)?,
        // With quotes or without; entities have been resolved.
        etag: etag.trim_matches('"').to_ascii_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(parts: &[(&str, &str)]) -> String {
        let parts: String = parts
            .iter()
            .map(|(n, etag)| {
                format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>")
            })
            .collect();
        format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
    }

    #[test]
    fn etags_come_in_many_forms() {
        let body = list(&[
            ("1", "\"AA\""),
            ("3", "a<!-- x -->a"),
            (" 5 ", "&quot;Aa&quot;"),
            ("10000", " &#34;AA&#34;\n"),
        ]);
        for body in [
            body.clone(),
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}"),
            body.replacen(
                "Upload>",
                "Upload xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">",
                1,
            ),
        ] {
            let parts = parse(body.as_bytes()).unwrap();
            let numbers: Vec<u32> = parts.iter().map(|part| part.number).collect();
            assert_eq!(numbers, [1, 3, 5, 10_000]);
            assert!(parts.iter().all(|part| part.etag == "AA"), "{parts:?}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let order = "InvalidPartOrder";
        let cases = [
            (String::new(), "MalformedXML"),
            ("text".to_owned(), "MalformedXML"),
            (list(&[]), "MalformedXML"),
            (list(&[("1", "A")]).replace("CompleteMultipartUpload", "Other"), "MalformedXML"),
            (list(&[("1", "A")]).replace("Part>", "Piece>"), "MalformedXML"),
            (list(&[("1", "A")]).replace("ETag", "Tag"), "MalformedXML"),
            (list(&[("1", "A<b/>")]), "MalformedXML"),
            (list(&[("1", "A</ETag><ETag>B")]), "MalformedXML"),
            (list(&[("1", "")]), "MalformedXML"),
            (list(&[("1", "A")]).replace("</CompleteMultipartUpload>", ""), "MalformedXML"),
            (list(&[("one", "A")]), "MalformedXML"),
            (list(&[("", "A")]), "MalformedXML"),
            (list(&[("0", "A")]), "InvalidArgument"),
            (list(&[("-1", "A")]), "InvalidArgument"),
            (list(&[("10001", "A")]), "InvalidArgument"),
            (list(&[("2", "A"), ("1", "B")]), order),
            (list(&[("2", "A"), ("2", "A")]), order),
        ];
        for (body, code) in cases {
            assert_eq!(parse(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
        assert_eq!(parse(b"\xff").unwrap_err().code, "MalformedXML");
    }

    #[test]
    fn entities_cannot_blow_the_list_up() {
        let body = format!("<!DOCTYPE a [<!ENTITY b \"bbbb\">]>{}", list(&[("1", "&b;")]));
        assert_eq!(parse(body.as_bytes()).unwrap_err().code, "MalformedXML");
    }
}
