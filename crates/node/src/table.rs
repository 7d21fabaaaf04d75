//! Values by JavaScript's numbers, `src/boundary/table.ts`: the lower half of a number is a place in a list.

/// What is known by numbers. A number that was released stands for nothing, though its place may be taken again.
pub(crate) struct Table<T>(Vec<Option<(u32, T)>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Table<T> {
    pub(crate) fn set(&mut self, number: u32, value: T) {
        let place = place(number);
        if place >= self.0.len() {
            self.0.resize_with(place + 1, || None);
        }
        if let Some(entry) = self.0.get_mut(place) {
            *entry = Some((number, value));
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.0.get(place(number)) {
            Some(Some((known, value))) if *known == number => Some(value),
            _ => None,
        }
    }

    /// Forgets a number, but not another one that has its place by now.
    pub(crate) fn release(&mut self, number: u32) {
        if let Some(entry) = self.0.get_mut(place(number)) {
            entry.take_if(|(known, _)| *known == number);
        }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten().map(|(_, value)| value)
    }
}

fn place(number: u32) -> usize {
    let [low, high, ..] = number.to_le_bytes();
    usize::from(u16::from_le_bytes([low, high]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_its_own_value_only() {
        let mut table = Table::default();
        table.set(0x1_0002, "a");
        assert_eq!(table.get(0x1_0002), Some(&"a"));
        assert_eq!(table.get(0x2_0002), None);
        assert_eq!(table.get(0x1_0003), None);
        table.set(0x2_0002, "b");
        assert_eq!(table.get(0x1_0002), None);
        table.release(0x1_0002);
        assert_eq!(table.get(0x2_0002), Some(&"b"));
        assert_eq!(table.values().collect::<Vec<_>>(), [&"b"]);
        table.release(0x2_0002);
        assert_eq!(table.values().count(), 0);
    }
}
