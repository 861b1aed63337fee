//! The form of a request while it arrives.

use hyper::header::CONTENT_TYPE;
use md5::{Digest, Md5};

use super::super::body::{MAX_UPLOAD_BYTES, announced_length, next_piece, require_length};
use super::super::checksums::AnnouncedChecksums;
use super::super::upload_headers::text;
use super::fields::{Fields, Form};
use super::parser::{Event, FormError, Parser};
use super::part_head::{PartHead, with_parameters};
use crate::error::OssError;
use crate::error::catalogue::{
    entity_too_large, field_item_too_long, incorrect_number_of_files, invalid_argument,
    malformed_post_request, request_is_not_multi_part_content,
};
use crate::exchange::Exchange;
use crate::storage::{Writer, Written};

pub(super) struct FormReader {
    parser: Parser,
    checksums: AnnouncedChecksums,
    /// Of the whole body, if the client announced it.
    md5: Option<Md5>,
}

impl FormReader {
    pub(super) fn open(exchange: &Exchange) -> Result<FormReader, OssError> {
        let headers = &exchange.parts.headers;
        let content_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let boundary = boundary(&content_type).ok_or_else(request_is_not_multi_part_content)?;
        require_length(exchange)?;
        if announced_length(exchange).is_some_and(|length| length > MAX_UPLOAD_BYTES) {
            return Err(invalid_argument("Post body size must be less than 5G."));
        }
        let checksums = AnnouncedChecksums::read(headers)?;
        let md5 = checksums.has_md5().then(Md5::new);
        Ok(FormReader { parser: Parser::new(&boundary), checksums, md5 })
    }

    /// The fields before the file, and the head of the file.
    pub(super) async fn fields(
        &mut self,
        exchange: &mut Exchange,
    ) -> Result<(Form, PartHead), OssError> {
        let mut fields = Fields::default();
        while let Some(event) = self.next(exchange).await? {
            match event {
                Event::Head(lines) => {
                    let head = PartHead::parse(&lines)?;
                    if is_file(&head) {
                        return Ok((fields.into_form()?, head));
                    }
                    fields.begin(head.name)?;
                }
                Event::Data(data) => fields.extend(&data)?,
                Event::PartEnd => {}
            }
        }
        Err(incorrect_number_of_files())
    }

    /// The content of the file; `check` sees its size grow.
    pub(super) async fn file(
        &mut self,
        exchange: &mut Exchange,
        mut writer: Writer,
        check: impl Fn(u64) -> Result<(), OssError>,
    ) -> Result<Written, OssError> {
        while let Some(Event::Data(data)) = self.next(exchange).await? {
            let size = writer.size() + data.len() as u64;
            if size > MAX_UPLOAD_BYTES {
                return Err(entity_too_large());
            }
            check(size)?;
            writer.write(&data).await.map_err(|error| exchange.internal_error(&error))?;
        }
        self.rest(exchange).await?;
        writer.finish().await.map_err(|error| exchange.internal_error(&error))
    }

    /// What follows the file is ignored, but must not be a second one.
    async fn rest(&mut self, exchange: &mut Exchange) -> Result<(), OssError> {
        while let Some(event) = self.next(exchange).await? {
            if let Event::Head(lines) = event
                && PartHead::parse(&lines).is_ok_and(|head| is_file(&head))
            {
                return Err(incorrect_number_of_files());
            }
        }
        match self.md5.take() {
            Some(md5) => self.checksums.check_md5(&md5.finalize().into()),
            None => Ok(()),
        }
    }

    async fn next(&mut self, exchange: &mut Exchange) -> Result<Option<Event>, OssError> {
        loop {
            if let Some(event) = self.parser.next().map_err(refusal)? {
                return Ok(Some(event));
            }
            let Some(bytes) = next_piece(exchange).await? else {
                self.parser.finish().map_err(refusal)?;
                return Ok(None);
            };
            if let Some(md5) = &mut self.md5 {
                md5.update(&bytes);
            }
            self.parser.push(&bytes);
        }
    }
}

fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = with_parameters(content_type);
    let boundary = parameters.into_iter().find(|(name, _)| name == "boundary");
    let (_, boundary) = boundary.filter(|_| kind.eq_ignore_ascii_case("multipart/form-data"))?;
    (!boundary.is_empty()).then_some(boundary)
}

fn is_file(head: &PartHead) -> bool {
    head.name.eq_ignore_ascii_case("file")
}

fn refusal(error: FormError) -> OssError {
    match error {
        FormError::Malformed => malformed_post_request(),
        FormError::HeadTooLong => field_item_too_long(),
    }
}
