//! The headers of requests to the service: how each gets into a request, and which requests of an upload
//! carry it (spec: put-object.md 1, multipart.md 2 to 4). The table in docs/headers.md is made of this one.

/// How a header gets into a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The library makes it. The text tells a program how.
    Library(&'static str),
    /// A request has a member or a flag for it, which the text names.
    Member(&'static str),
    /// An upload has a member for it. Whoever signs a URL gives it among the headers.
    MemberOfUpload(&'static str),
    /// The program gives it among the further headers.
    Further,
}

/// Which requests of an upload carry a header. A PUT is the first and the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carriers {
    /// No request of an upload because the program wants it.
    Nothing,
    /// Every request, also those that list, look or abort.
    Every,
    /// The one that says what the object will be: PUT or Initiate.
    First,
    /// Those that content goes with: PUT or parts.
    Content,
    /// The one that makes the object: PUT or Complete.
    Last,
    /// PUT, or Initiate and Complete.
    FirstAndLast,
}

/// A row of the table. A name that ends with `*` stands for all that begin so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderRule {
    pub(crate) name: &'static str,
    pub(crate) origin: Origin,
    pub(crate) carriers: Carriers,
}

use Carriers::{Content, Every, First, FirstAndLast, Last, Nothing};

pub(crate) const HEADERS: [HeaderRule; 37] = [
    library("authorization", "it is made from the credentials"),
    library("connection", "connections are the library's"),
    library("content-length", "it is the length of the body"),
    library("date", "it is the time of the signature"),
    library("expect", "the library decides how it sends"),
    library("host", "it is made from endpoint and bucket"),
    library("keep-alive", "connections are the library's"),
    library("proxy-authorization", "put user and password into network_proxy"),
    library("proxy-connection", "connections are the library's"),
    library("te", "the library decides how it sends"),
    library("trailer", "the library decides how it sends"),
    library("transfer-encoding", "the library decides how it sends"),
    library("upgrade", "the library decides how it sends"),
    library("x-oss-content-sha256", "it belongs to the signature"),
    library("x-oss-date", "it is the time of the signature"),
    library("x-oss-security-token", "it belongs to the credentials"),
    member("user-agent", Every, "use user_agent of the client"),
    member("x-oss-request-payer", Every, "set the flag REQUESTER_PAYS"),
    member("content-type", First, "use content_type"),
    member("x-oss-meta-*", First, "use metadata"),
    member("x-oss-storage-class", First, "use storage_class"),
    member("content-md5", Content, "set content_md5, or the flag CONTENT_MD5"),
    member("x-oss-forbid-overwrite", FirstAndLast, "set the flag FORBID_OVERWRITE"),
    member("x-oss-object-acl", Last, "use acl"),
    member("x-oss-callback", Last, "use callback"),
    member("x-oss-callback-var", Last, "use the variables of callback"),
    HeaderRule {
        name: "x-oss-traffic-limit",
        origin: Origin::MemberOfUpload("use traffic_limit_bits_per_s"),
        carriers: Content,
    },
    member("x-oss-hash-crc64ecma", Nothing, "the library compares it; use content_md5"),
    member("x-oss-complete-all", Nothing, "the library names the parts"),
    member("x-oss-copy-source*", Nothing, "it makes a copy, which is no upload"),
    further("cache-control"),
    further("content-disposition"),
    further("content-encoding"),
    further("content-language"),
    further("expires"),
    further("x-oss-server-side-*"),
    further("x-oss-tagging"),
];

/// The row of a header, whose name is in lowercase. A header that has none belongs to the object, as those
/// of `Further` do.
pub(crate) fn rule_of(name: &str) -> Option<&'static HeaderRule> {
    HEADERS.iter().find(|rule| match rule.name.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == rule.name,
    })
}

const fn library(name: &'static str, how: &'static str) -> HeaderRule {
    HeaderRule { name, origin: Origin::Library(how), carriers: Nothing }
}

const fn member(name: &'static str, carriers: Carriers, instead: &'static str) -> HeaderRule {
    HeaderRule { name, origin: Origin::Member(instead), carriers }
}

const fn further(name: &'static str) -> HeaderRule {
    HeaderRule { name, origin: Origin::Further, carriers: First }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_have_the_table_of_headers() {
        let mut table =
            "| Header | Carried by | How it gets there |\n| --- | --- | --- |\n".to_owned();
        for HeaderRule { name, origin, carriers } in HEADERS {
            let carriers = match carriers {
                Nothing => "",
                Every => "every request",
                First => "PUT, Initiate",
                Content => "PUT, parts",
                Last => "PUT, Complete",
                FirstAndLast => "PUT, Initiate, Complete",
            };
            let how = match origin {
                Origin::Library(how) => format!("not by you: {how}"),
                Origin::Member(instead) => instead.to_owned(),
                Origin::MemberOfUpload(instead) => {
                    format!("{instead}; in a signed URL by the further headers")
                }
                Origin::Further => "by the further headers".to_owned(),
            };
            let exception = match name {
                "content-md5" => "; of a part only with a URL that was signed for it",
                "content-length" => "; when signing, additional_headers allows it",
                "x-oss-callback" | "x-oss-callback-var" => {
                    "; without callback, by the further headers of an upload"
                }
                _ => "",
            };
            table += &format!("| `{name}` | {carriers} | {how}{exception} |\n");
        }
        crate::text::check_table_of_docs("headers.md", "headers", &table);
    }
}
