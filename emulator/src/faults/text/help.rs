//! The description of the language.

use super::kinds::KINDS;
use super::syntax::{KindSyntax, SELECTION};
use crate::faults::Fault;

const VALUES: &str = "\
PLACE: a number of bytes, such as 0, 1000, 64k or 1m. In a request they are those of the body; in an
answer they are counted from the first byte of the head, and body+N is N bytes into the body. end is
the end and end-N is N bytes before. A request whose body has no such place is left alone; of an
answer without it only the record says so.
BYTES: a number, or one with k or m for 1024 or 1048576 of them.
TIME: a number with ms, s, min or h. A stall without one lasts until the client leaves.
TEXT: as it is, or in double quotes, where \\\" \\\\ \\n \\r \\t stand for what they look like.
";

impl Fault {
    /// The text form of faults, for people.
    pub fn help() -> String {
        let mut help = String::from(
            "A fault is a name with parameters, such as\n\
             \x20   reset-request at=64k operation=UploadPart part=2 times=3\n\n\
             Faults:\n",
        );
        for kind in KINDS {
            help.push_str(&format!("  {}\n      {}\n", usage(kind), kind.summary));
        }
        help.push_str(
            "\nWhich requests, for every fault (refuse and tls-* know times, p and seed):\n",
        );
        for (name, value, meaning) in SELECTION {
            help.push_str(&format!("  {:<20}{meaning}\n", format!("{name}={value}")));
        }
        help.push_str("\nValues:\n");
        help.push_str(VALUES);
        help.push_str(
            "\nIn a script each line is a fault. Empty lines, and those that begin with #, are \
             comments.\n",
        );
        help
    }
}

fn usage(kind: &KindSyntax) -> String {
    let mut usage = kind.name.to_owned();
    for parameter in kind.parameters {
        let text = format!("{}={}", parameter.name, parameter.value);
        let is_needed = parameter.given == "needed";
        usage.push_str(&if is_needed { format!(" {text}") } else { format!(" [{text}]") });
    }
    usage
}
