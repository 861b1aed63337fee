//! What an answer says of the time (spec: errors.md 3).

use crate::time::Timestamp;

/// Whether an answer says that the time of the request is too far from the service's: by its code, or, when
/// that is missing, by its EC (spec: signing-v4.md 7, presigned-url.md 2). The EC for a URL or form that
/// ran out is not among them, since what is sent late runs out with a right clock as well.
pub(crate) fn is_skew(http_status: u16, code: Option<&str>, ec: Option<&str>) -> bool {
    /// More than 15 minutes off; and a URL or form that was signed in the future.
    const SKEWED: [&str; 2] = ["0002-00000504", "0002-00000235"];
    let by_code = code == Some("RequestTimeTooSkewed");
    (400..=499).contains(&http_status) && (by_code || ec.is_some_and(|ec| SKEWED.contains(&ec)))
}

/// The service's time: from the element `ServerTime` of its error document, else from the header `Date`,
/// which something between may have set.
pub(crate) fn server_time(element: Option<&str>, date: Option<&str>) -> Option<Timestamp> {
    element.and_then(Timestamp::parse_iso).or_else(|| date.and_then(Timestamp::parse_http))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP_DATE: &str = "Sun, 04 Sep 2022 08:11:38 GMT";

    #[test]
    fn the_element_has_precedence() {
        let element = Some("2022-09-04T08:11:37.000Z");
        assert_eq!(server_time(element, Some(HTTP_DATE)), Some(Timestamp(1_662_279_097)));
        assert_eq!(server_time(element, None), Some(Timestamp(1_662_279_097)));
        assert_eq!(server_time(None, Some(HTTP_DATE)), Some(Timestamp(1_662_279_098)));
        for garbage in ["", "soon"] {
            let of_header = server_time(Some(garbage), Some(HTTP_DATE));
            assert_eq!(of_header, Some(Timestamp(1_662_279_098)), "{garbage}");
        }
        assert_eq!(server_time(None, None), None);
    }

    #[test]
    fn skew_is_told_by_code_or_ec() {
        let code = Some("RequestTimeTooSkewed");
        assert!(is_skew(403, code, None));
        assert!(is_skew(403, code, Some("0002-00000504")));
        assert!(is_skew(400, code, None));
        assert!(is_skew(403, None, Some("0002-00000504")));
        assert!(is_skew(403, Some("AccessDenied"), Some("0002-00000235")));
        for (status, code, ec) in [
            (403, None, None),
            (403, Some(""), Some("")),
            (403, Some("requesttimetooskewed"), None),
            (403, Some("AccessDenied"), Some("0002-00000236")),
            (403, Some("SignatureDoesNotMatch"), Some("0002-00000201")),
            (403, Some("AccessDenied"), Some("0002-00000505")),
            (400, Some("RequestTimeout"), None),
            (200, code, None),
            (203, code, Some("0002-00000504")),
            (302, code, None),
            (503, code, None),
            (0, code, None),
            (u16::MAX, code, None),
        ] {
            assert!(!is_skew(status, code, ec), "{status} {code:?} {ec:?}");
        }
    }
}
