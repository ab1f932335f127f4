//! Values as JSON and Python write them down: what both have in common, and the words and quotes of either. Keys keep their
//! order and may come twice, so that a reader can say so.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// A whole number from 0.
    Number(usize),
    /// Another number or word (`true`, `None`, `-1.5`), as it stands.
    Other(String),
    /// A list or tuple.
    List(Vec<Value>),
    /// An object or dict.
    Dict(Vec<(Value, Value)>),
}

/// Where reading stopped: the line from 1, and what was expected.
#[derive(Debug, PartialEq)]
pub(super) struct Stopped {
    pub(super) line: u64,
    pub(super) problem: String,
}

/// So deep may lists and dicts lie in one another.
const DEEPEST: usize = 64;

/// Reads the one value that `text` is.
pub(super) fn parse(text: &str) -> Result<Value, Stopped> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(found) => Err(reader.stopped(format!("expected the end, found '{found}'"))),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes that were read.
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn takes(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    /// Passes over blanks, and Python's comments.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            let comment = match rest[blank..].starts_with('#') {
                true => rest[blank..].find('\n').unwrap_or(rest.len() - blank),
                false => 0,
            };
            self.at += blank + comment;
            if blank + comment == 0 {
                return;
            }
        }
    }

    fn stopped(&self, problem: String) -> Stopped {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count() as u64;
        Stopped { line, problem }
    }

    fn expected(&self, wanted: &str) -> Stopped {
        let found = self
            .peek()
            .map_or("the end".to_owned(), |c| format!("'{c}'"));
        self.stopped(format!("expected {wanted}, found {found}"))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stopped> {
        if depth > DEEPEST {
            return Err(self.stopped("values nested too deeply".into()));
        }
        self.blanks();
        match self.peek() {
            Some('[') => self.list(depth, ']'),
            Some('(') => self.list(depth, ')'),
            Some('{') => self.dict(depth),
            Some('"' | '\'') => Ok(Value::Text(self.quoted()?)),
            Some('u') if self.rest()[1..].starts_with(['"', '\'']) => {
                self.next();
                Ok(Value::Text(self.quoted()?))
            }
            Some(c) if c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.') => Ok(self.word()),
            _ => Err(self.expected("a value")),
        }
    }

    fn list(&mut self, depth: usize, end: char) -> Result<Value, Stopped> {
        self.next();
        let mut values = Vec::new();
        loop {
            self.blanks();
            if self.takes(end) {
                return Ok(Value::List(values));
            }
            values.push(self.value(depth + 1)?);
            self.blanks();
            if !self.takes(',') && self.peek() != Some(end) {
                return Err(self.expected(&format!("',' or '{end}'")));
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Value, Stopped> {
        self.next();
        let mut entries = Vec::new();
        loop {
            self.blanks();
            if self.takes('}') {
                return Ok(Value::Dict(entries));
            }
            let key = self.value(depth + 1)?;
            self.blanks();
            if !self.takes(':') {
                return Err(self.expected("':' after a key"));
            }
            entries.push((key, self.value(depth + 1)?));
            self.blanks();
            if !self.takes(',') && self.peek() != Some('}') {
                return Err(self.expected("',' or '}'"));
            }
        }
    }

    fn word(&mut self) -> Value {
        let rest = self.rest();
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_'));
        let word = rest[..rest.find(ends).unwrap_or(rest.len())].to_owned();
        self.at += word.len();
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        match word.parse().ok().filter(|_| digits) {
            Some(number) => Value::Number(number),
            None => Value::Other(word),
        }
    }

    fn quoted(&mut self) -> Result<String, Stopped> {
        let quote = self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err(self.stopped("a text without an end".into())),
                end if end == quote => return Ok(text),
                Some('\\') => text.push(self.escaped()?),
                Some(other) => text.push(other),
            }
        }
    }

    /// The character that stands after a backslash.
    fn escaped(&mut self) -> Result<char, Stopped> {
        Ok(match self.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('x') => self.code(2)?,
            Some('u') => self.code(4)?,
            Some(plain @ ('"' | '\'' | '\\' | '/')) => plain,
            _ => return Err(self.stopped("an unknown character after a backslash".into())),
        })
    }

    /// A character by its number in so many hexadecimal digits; JSON writes some as two.
    fn code(&mut self, digits: usize) -> Result<char, Stopped> {
        let first = self.hexadecimal(digits)?;
        let units = match (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            true => {
                self.at += 2;
                vec![first, self.hexadecimal(4)?]
            }
            false => vec![first],
        };
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(character)), None) => Ok(character),
            _ => Err(self.stopped("half a character".into())),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u16, Stopped> {
        let code = self.rest().get(..digits);
        let number = code.and_then(|code| u16::from_str_radix(code, 16).ok());
        let number = number.ok_or_else(|| self.expected("hexadecimal digits"))?;
        self.at += digits;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn json_and_python_say_the_same() {
        let expected = Value::Dict(vec![
            (
                text("a"),
                Value::List(vec![Value::Number(1), text("it's"), Value::Number(0)]),
            ),
            (text("a"), Value::Other("-1.5e3".into())),
        ]);
        for written in [
            r#"{"a": [1, "it's", 0], "a": -1.5e3}"#,
            "{'a': (1, \"it's\", 0,), # a comment\n u'a': -1.5e3,}\n",
            r"{'a': [1, 'it\'s', 0], 'a':-1.5e3}",
        ] {
            assert_eq!(parse(written), Ok(expected.clone()), "{written}");
        }
        assert_eq!(parse(r#""\u00e9\ud83d\ude00\x41\n""#), Ok(text("é😀A\n")));
        assert_eq!(parse("None"), Ok(Value::Other("None".into())));
    }

    #[test]
    fn what_is_neither_is_told_with_its_line() {
        let deep = "[".repeat(1000);
        for (written, line, part) in [
            ("[1,\n2", 2, "expected ',' or ']', found the end"),
            ("{1 2}", 1, "expected ':' after a key"),
            ("['a\n']", 2, "a text without an end"),
            (r#"["\ud800"]"#, 1, "half a character"),
            (r#"["\q"]"#, 1, "backslash"),
            ("[] x", 1, "expected the end, found 'x'"),
            (&deep, 1, "too deeply"),
            ("", 1, "expected a value, found the end"),
        ] {
            let stopped = parse(written).unwrap_err();
            assert_eq!(stopped.line, line, "{written}");
            assert!(stopped.problem.contains(part), "{written}: {stopped:?}");
        }
    }
}
