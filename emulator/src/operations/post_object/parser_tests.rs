use super::*;

/// A form as heads and whole values.
type Parts = Vec<(String, Vec<u8>)>;

/// Reads a form that arrives in these pieces.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Parts, FormError> {
    let mut parser = Parser::new("b0");
    let mut parts = Parts::new();
    let mut open = false;
    for piece in pieces {
        parser.push(piece);
        while let Some(event) = parser.next()? {
            match event {
                Event::Head(head) => {
                    assert!(!open);
                    open = true;
                    parts.push((String::from_utf8(head).unwrap(), Vec::new()));
                }
                Event::Data(data) => {
                    assert!(open && !data.is_empty());
                    parts.last_mut().unwrap().1.extend(data);
                }
                Event::PartEnd => {
                    assert!(open);
                    open = false;
                }
            }
        }
        assert!(parser.buffer.len() <= MAX_HEAD_BYTES);
    }
    parser.finish().map(|()| parts)
}

fn part(head: &str, value: &[u8]) -> (String, Vec<u8>) {
    (head.to_owned(), value.to_vec())
}

/// Values full of what looks like a delimiter.
const FORM: &[u8] = b"--b0\r\nA: 1\r\nB: 2\r\n\r\nvalue\r\n--b0  \t\r\nC: 3\r\n\r\n\r\n--b0\r\n\r\n\
    no head\r\n--b0\r\nD: 4\r\n\r\n\r\n\r\n--\r\r\n--b\r\n-\r\n--b1--b0\n--b0\r\n\r\n--b0--\r\nepilogue\r\n--b0";

fn expected() -> Parts {
    vec![
        part("A: 1\r\nB: 2", b"value"),
        part("C: 3", b""),
        part("", b"no head"),
        part("D: 4", b"\r\n\r\n--\r\r\n--b\r\n-\r\n--b1--b0\n--b0\r\n"),
    ]
}

#[test]
fn a_form_may_be_cut_anywhere() {
    for first in 0..=FORM.len() {
        for second in first..=FORM.len() {
            let pieces = [&FORM[..first], &FORM[first..second], &FORM[second..]];
            assert_eq!(read(pieces).as_ref(), Ok(&expected()), "{first} {second}");
        }
    }
}

#[test]
fn a_form_may_come_in_equal_pieces() {
    for size in 1..=FORM.len() {
        assert_eq!(read(FORM.chunks(size)).as_ref(), Ok(&expected()), "{size}");
    }
}

#[test]
fn a_preamble_is_skipped() {
    let form = [b"preamble --b0\r\n", FORM].concat();
    for size in [1, 2, 7, form.len()] {
        assert_eq!(read(form.chunks(size)).as_ref(), Ok(&expected()), "{size}");
    }
}

#[test]
fn a_broken_form_is_refused_wherever_it_is_cut() {
    let forms: [&[u8]; 6] = [
        b"",
        b"no boundary at all",
        b"--b0\r\nA: 1\r\n\r\nvalue",
        b"--b0\r\nA: 1\r\n\r\nvalue\r\n--b0",
        b"--b0\r\nA: 1\r\n\r\nvalue\r\n--b0-",
        b"--b0\r\nA: 1\r\n\r\nvalue\r\n--b0more\r\n\r\nx\r\n--b0--",
    ];
    for form in forms {
        for cut in 0..=form.len() {
            let result = read([&form[..cut], &form[cut..]]);
            assert_eq!(result, Err(FormError::Malformed), "{cut}");
        }
    }
}

#[test]
fn a_head_is_limited() {
    let form = |length: usize| {
        let head = "A".repeat(length - 2);
        format!("--b0\r\n{head}\r\n\r\n\r\n--b0--").into_bytes()
    };
    for size in [1000, usize::MAX] {
        let longest = form(MAX_HEAD_BYTES);
        assert_eq!(read(longest.chunks(size)).unwrap().len(), 1);
        let too_long = form(MAX_HEAD_BYTES + 1);
        assert_eq!(read(too_long.chunks(size)), Err(FormError::HeadTooLong));
    }
    let endless = [b"--b0\r\n".as_slice(), &[b'A'; 2 * MAX_HEAD_BYTES]].concat();
    assert_eq!(read(endless.chunks(4096)), Err(FormError::HeadTooLong));
}

#[test]
fn data_is_not_held_back() {
    let mut parser = Parser::new("b0");
    parser.push(b"--b0\r\n\r\n");
    assert_eq!(parser.next(), Ok(Some(Event::Head(Vec::new()))));
    parser.push(&[b'x'; 100_000]);
    let Ok(Some(Event::Data(data))) = parser.next() else { panic!("no data") };
    assert_eq!(data.len(), 100_000 - (b"\r\n--b0".len() - 1));
    assert_eq!(parser.next(), Ok(None));
}
