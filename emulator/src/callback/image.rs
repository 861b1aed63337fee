//! `imageInfo.*` (spec: callback.md 5.1).

use imagesize::{ImageType, blob_size, image_type};

/// Dimensions and format of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageInfo {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) format: &'static str,
}

/// The object claims to be an image of a supported format, but is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrokenImage;

/// Looks at the first bytes of an object. An object that does not claim to be an image and is none
/// gives `None`.
pub(crate) fn image_info(
    head: &[u8],
    content_type: &str,
    key: &str,
) -> Result<Option<ImageInfo>, BrokenImage> {
    match measure(head) {
        Some(info) => Ok(Some(info)),
        None if claims_to_be_image(content_type, key) => Err(BrokenImage),
        None => Ok(None),
    }
}

fn measure(head: &[u8]) -> Option<ImageInfo> {
    let format = match image_type(head).ok()? {
        ImageType::Jpeg => "jpg",
        ImageType::Png => "png",
        ImageType::Bmp => "bmp",
        ImageType::Gif => "gif",
        ImageType::Webp => "webp",
        ImageType::Tiff => "tiff",
        ImageType::Heif(_) => "heic",
        _ => return None,
    };
    let size = blob_size(head).ok()?;
    Some(ImageInfo { width: size.width, height: size.height, format })
}

/// The Content-Type decides; the extension only where the type says nothing.
fn claims_to_be_image(content_type: &str, key: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/octet-stream" {
        return matches!(
            essence.as_str(),
            "image/jpeg"
                | "image/jpg"
                | "image/png"
                | "image/bmp"
                | "image/gif"
                | "image/webp"
                | "image/tiff"
                | "image/heic"
        );
    }
    let extension = key.rsplit_once('.').map_or("", |(_, extension)| extension);
    let extension = extension.to_ascii_lowercase();
    matches!(
        extension.as_str(),
        "jpg" | "jpeg" | "png" | "bmp" | "gif" | "webp" | "tif" | "tiff" | "heic"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x2a\0\0\x02\x1b\x08\x02\0\0\0";
    const GIF: &[u8] = b"GIF89a\x03\0\x04\0\0\0\0";
    const BMP: &[u8] = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x05\0\0\0\x06\0\0\0\x01\0\x18\0";
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x07\0\x08\x03";
    const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x08\0\0\x09\0\0";

    #[test]
    fn supported_formats_are_measured() {
        let cases = [
            (PNG, 810, 539, "png"),
            (GIF, 3, 4, "gif"),
            (BMP, 5, 6, "bmp"),
            (JPEG, 8, 7, "jpg"),
            (WEBP, 9, 10, "webp"),
        ];
        for (head, width, height, format) in cases {
            // The bytes decide, whatever the object is called.
            let info = image_info(head, "text/plain", "a.txt");
            assert_eq!(info, Ok(Some(ImageInfo { width, height, format })));
        }
    }

    #[test]
    fn only_an_object_that_claims_to_be_an_image_can_be_a_broken_one() {
        let octets = "application/octet-stream";
        assert_eq!(image_info(b"text", "text/plain", "a.jpg"), Ok(None));
        assert_eq!(image_info(b"text", octets, "a.txt"), Ok(None));
        assert_eq!(image_info(b"", octets, ".hidden"), Ok(None));
        assert_eq!(image_info(b"text", octets, "a.JPG"), Err(BrokenImage));
        assert_eq!(image_info(&PNG[..12], "Image/PNG; q=1", "a"), Err(BrokenImage));
        assert_eq!(image_info(b"<svg/>", "image/svg+xml", "a.svg"), Ok(None));
    }
}
