//! Which line of a table's text a record begins in; `csv` itself miscounts after blank lines and carriage returns.

/// Counts lines as far as records were asked for, in their order, so that each is counted once.
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    /// Where in it the header begins.
    header: usize,
    /// So far lines are counted.
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, header: usize) -> Self {
        Self {
            text: text.as_bytes(),
            header,
            counted: 0,
            line: 1,
        }
    }

    /// The line from 1 that a record starts in.
    pub(crate) fn of(&mut self, record: &csv::Position) -> u64 {
        let byte = usize::try_from(record.byte()).unwrap_or(usize::MAX);
        let start = self.header.saturating_add(byte).min(self.text.len());
        let blank = self.text[start..].iter();
        let blank = blank.take_while(|&&b| b == b'\r' || b == b'\n').count();
        let before = self.text.get(self.counted..start + blank);
        let ends = before.unwrap_or_default().iter().filter(|&&b| b == b'\n');
        self.line += ends.count() as u64;
        self.counted = self.counted.max(start + blank);
        self.line
    }
}
