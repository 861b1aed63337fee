//! The Content-Type of an object whose caller gave none, from the extension of its name: what cameras,
//! gateways and browsers upload, with the registered types. All else is a stream of bytes.

const UNKNOWN: &str = "application/octet-stream";

/// Sorted by extension.
const TYPES: &[(&str, &str)] = &[
    ("3g2", "video/3gpp2"),
    ("3gp", "video/3gpp"),
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("bz2", "application/x-bzip2"),
    ("cbor", "application/cbor"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("dng", "image/x-adobe-dng"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("gpx", "application/gpx+xml"),
    ("gz", "application/gzip"),
    ("h264", "video/h264"),
    ("h265", "video/h265"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("ini", "text/plain"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jxl", "image/jxl"),
    ("kml", "application/vnd.google-earth.kml+xml"),
    ("log", "text/plain"),
    ("m2ts", "video/mp2t"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4s", "video/iso.segment"),
    ("m4v", "video/mp4"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpd", "application/dash+xml"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mts", "video/mp2t"),
    ("ndjson", "application/x-ndjson"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("parquet", "application/vnd.apache.parquet"),
    ("pcap", "application/vnd.tcpdump.pcap"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("rar", "application/vnd.rar"),
    ("rtf", "application/rtf"),
    ("sqlite", "application/vnd.sqlite3"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("toml", "application/toml"),
    ("ts", "video/mp2t"),
    ("tsv", "text/tab-separated-values"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("wav", "audio/vnd.wave"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wma", "audio/x-ms-wma"),
    ("wmv", "video/x-ms-wmv"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

/// The type of an object of this name.
pub(crate) fn of_key(key: &str) -> &'static str {
    let name = key.rsplit('/').next().unwrap_or_default();
    let extension = match name.rsplit_once('.') {
        // A name that begins with its only dot has no extension.
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => return UNKNOWN,
    };
    let place = TYPES.binary_search_by(|(known, _)| (*known).cmp(&extension));
    place.map_or(UNKNOWN, |index| TYPES[index].1)
}

#[cfg(test)]
mod tests {
    use super::{TYPES, UNKNOWN, of_key};

    #[test]
    fn the_table_is_sorted_and_in_lower_case() {
        assert!(TYPES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(TYPES.iter().all(|(extension, _)| *extension == extension.to_ascii_lowercase()));
    }

    #[test]
    fn by_the_last_extension_in_any_case() {
        for (key, expected) in [
            ("camera/photo.jpg", "image/jpeg"),
            ("camera/PHOTO.JPG", "image/jpeg"),
            ("2026.11.26/clip.ts", "video/mp2t"),
            ("live/index.m3u8", "application/vnd.apple.mpegurl"),
            ("backup.tar.gz", "application/gzip"),
            ("log", UNKNOWN),
            ("a.log/b", UNKNOWN),
            (".json", UNKNOWN),
            ("dir/.json", UNKNOWN),
            ("name.", UNKNOWN),
            ("firmware.bin", UNKNOWN),
            ("照片.png", "image/png"),
        ] {
            assert_eq!(of_key(key), expected, "{key}");
        }
    }
}
