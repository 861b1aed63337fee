//! The body template and its substitution (spec: callback.md 5).

use std::fmt;

use super::fault::fault;
use super::variables::{Value, Variables};
use crate::error::OssError;
use crate::percent;

/// A parsed `callbackBody`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    Variable(String),
}

/// The two body types; each has its own rules of substitution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyType {
    Form,
    Json,
}

impl BodyType {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            BodyType::Form => "application/x-www-form-urlencoded",
            BodyType::Json => "application/json",
        }
    }
}

impl Template {
    /// Splits the text at its `${name}`. A `$` that does not begin one is an error, so a literal
    /// `$` cannot be written (spec: callback.md 5.5).
    pub(crate) fn parse(text: &str) -> Result<Template, OssError> {
        let refuse = || {
            fault(105, "Left brace must be adjacent to dollar sign.")
                .argument("ReplaceKeyPrefix", text)
        };
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            let variable = after.strip_prefix('{').ok_or_else(refuse)?;
            let (name, behind) = variable.split_once('}').ok_or_else(refuse)?;
            segments.push(Segment::Text(before.to_owned()));
            segments.push(Segment::Variable(name.to_owned()));
            rest = behind;
        }
        segments.push(Segment::Text(rest.to_owned()));
        Ok(Template { segments })
    }

    /// Whether any variable's name starts with this.
    pub(crate) fn asks_for(&self, prefix: &str) -> bool {
        self.segments.iter().any(|segment| match segment {
            Segment::Variable(name) => name.starts_with(prefix),
            Segment::Text(_) => false,
        })
    }

    /// The body of the callback request.
    pub(crate) fn render(&self, body_type: BodyType, variables: &Variables<'_>) -> String {
        let mut body = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(text) => body.push_str(text),
                Segment::Variable(name) => {
                    let value = variables.value(name);
                    match body_type {
                        BodyType::Form => body.push_str(&percent::encode(value.text())),
                        BodyType::Json => push_json(&mut body, &value),
                    }
                }
            }
        }
        body
    }
}

/// As the client wrote it.
impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Text(text) => formatter.write_str(text),
            Segment::Variable(name) => write!(formatter, "${{{name}}}"),
        })
    }
}

/// Strings are quoted and escaped, everything else is inserted bare (spec: callback.md 5.3).
fn push_json(body: &mut String, value: &Value) {
    match value {
        Value::Text(text) => {
            // `/` and characters beyond ASCII stay as they are, as in the captured requests.
            body.push_str(&serde_json::Value::from(text.as_str()).to_string());
        }
        Value::Bare(text) => body.push_str(text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::image::ImageInfo;
    use super::super::variables::Upload;
    use super::*;

    fn empty_object<'a>() -> Upload<'a> {
        Upload {
            bucket: "examplebucket",
            object: "dir/a b+c.txt",
            etag: "D41D8CD98F00B204E9800998ECF8427E".to_owned(),
            size: 0,
            mime_type: "text/plain",
            crc64: 0,
            content_md5: "1B2M2Y8AsgTpgAmY7PhCfg==".to_owned(),
            client_ip: "192.0.2.1".to_owned(),
            request_id: "5C06A3B67B8B5A3DA422299D",
            operation: "PutObject",
            image: None,
        }
    }

    fn render(
        template: &str,
        body_type: BodyType,
        upload: Upload<'_>,
        custom: &[(&str, &str)],
    ) -> String {
        let custom: BTreeMap<String, String> =
            custom.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let variables = Variables { upload, custom: &custom };
        Template::parse(template).unwrap().render(body_type, &variables)
    }

    #[test]
    fn worked_substitutions() {
        let custom = [("x:uid", "u 1/+")];
        assert_eq!(
            render(
                "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&uid=${x:uid}",
                BodyType::Form,
                empty_object(),
                &custom
            ),
            "bucket=examplebucket&object=dir%2Fa%20b%2Bc.txt&etag=D41D8CD98F00B204E9800998ECF8427E\
             &size=0&uid=u%201%2F%2B"
        );
        assert_eq!(
            render(
                r#"{"object":${object},"size":${size},"uid":${x:uid},"h":"${imageInfo.height}"}"#,
                BodyType::Json,
                empty_object(),
                &custom
            ),
            r#"{"object":"dir/a b+c.txt","size":0,"uid":"u 1/+","h":""}"#
        );
    }

    #[test]
    fn captured_form_body() {
        let upload = Upload {
            object: "headSculpture/jikang2.jpg",
            size: 108_904,
            mime_type: "image/jpeg",
            image: Some(ImageInfo { width: 200, height: 278, format: "jpg" }),
            ..empty_object()
        };
        let template = "filename=${object}&size=${size}&mimeType=${mimeType}\
                        &height=${imageInfo.height}&width=${imageInfo.width}";
        assert_eq!(
            render(template, BodyType::Form, upload, &[]),
            "filename=headSculpture%2Fjikang2.jpg&size=108904&mimeType=image%2Fjpeg&height=278\
             &width=200"
        );
    }

    #[test]
    fn captured_json_body() {
        let name = "2f7b2ccf30e9270ea920f1ab8a4037a546a2f0d5.jpg";
        let object = format!("1/1_hFRtDLgM_{name}");
        let upload = || Upload { object: &object, size: 114_020, ..empty_object() };
        let template = r#"{"name":${x:fname},"source_name":${object},"size":${size},"pic_info":"${imageInfo.width},${imageInfo.height}"}"#;
        let with_image = Upload {
            image: Some(ImageInfo { width: 810, height: 539, format: "jpg" }),
            ..upload()
        };
        assert_eq!(
            render(template, BodyType::Json, with_image, &[("x:fname", name)]),
            format!(
                r#"{{"name":"{name}","source_name":"1/1_hFRtDLgM_{name}","size":114020,"pic_info":"810,539"}}"#
            )
        );
        assert!(render(template, BodyType::Json, upload(), &[]).ends_with(r#""pic_info":","}"#));
    }

    #[test]
    fn every_system_variable() {
        let template = "${bucket} ${object} ${etag} ${size} ${mimeType} ${imageInfo.height} \
                        ${imageInfo.width} ${imageInfo.format} ${crc64} ${contentMd5} ${vpcId} \
                        ${clientIp} ${reqId} ${operation}";
        let upload = Upload {
            image: Some(ImageInfo { width: 1, height: 2, format: "png" }),
            crc64: 11_051_210_869_376_104_954,
            ..empty_object()
        };
        assert_eq!(
            render(template, BodyType::Json, upload, &[]),
            r#""examplebucket" "dir/a b+c.txt" "D41D8CD98F00B204E9800998ECF8427E" 0 "text/plain" 2 1 "png" "11051210869376104954" "1B2M2Y8AsgTpgAmY7PhCfg==" "" "192.0.2.1" "5C06A3B67B8B5A3DA422299D" "PutObject""#
        );
    }

    #[test]
    fn unknown_variables_are_empty() {
        let template = "a=${foo}&b=${x:foo}&c=${Bucket}";
        assert_eq!(render(template, BodyType::Form, empty_object(), &[]), "a=&b=&c=");
        assert_eq!(render("[${x:foo}]${foo}", BodyType::Json, empty_object(), &[]), r#"[""]"#);
    }

    #[test]
    fn json_strings_are_escaped() {
        let custom = [("x:a", "\"\\\n\u{1}/é\u{7f}")];
        assert_eq!(
            render("${x:a}", BodyType::Json, empty_object(), &custom),
            "\"\\\"\\\\\\n\\u0001/é\u{7f}\""
        );
    }

    #[test]
    fn form_values_keep_unreserved_characters_only() {
        let custom = [("x:a", "a-_.~*'()!é%=&")];
        assert_eq!(
            render("${x:a}", BodyType::Form, empty_object(), &custom),
            "a-_.~%2A%27%28%29%21%C3%A9%25%3D%26"
        );
    }

    #[test]
    fn a_dollar_needs_its_braces() {
        for text in ["a=$(object)", "$", "a=${object", "$$", "${a}$ {b}"] {
            let error = Template::parse(text).unwrap_err();
            assert_eq!(error.message, "Left brace must be adjacent to dollar sign.");
            assert_eq!(error.ec.as_deref(), Some("0007-00000105"));
            assert_eq!(
                error.elements,
                [
                    ("ArgumentName", "ReplaceKeyPrefix".to_owned()),
                    ("ArgumentValue", text.to_owned())
                ]
            );
        }
        assert!(Template::parse("no variables { }").is_ok());
    }
}
