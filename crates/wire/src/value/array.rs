//! Arrays: the header, then the elements one by one.

use super::Malformed;
use super::number::{take_i32, take_value};
use super::take;

/// PostgreSQL's `MAXDIM`.
pub const MAX_DIMENSIONS: usize = 6;

/// What stands before an array's elements. Lower bounds are read over: JavaScript's arrays begin at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayHeader {
    /// 0 for an empty array, whatever dimensions it claimed.
    pub ndims: usize,
    /// The first `ndims` are lengths, each at least 1; the rest are 0.
    pub dims: [i32; MAX_DIMENSIONS],
    pub element_oid: u32,
    pub has_nulls: bool,
    /// The product of the dimensions, 0 without any. Never more than a quarter of the body's length.
    pub count: usize,
}

impl ArrayHeader {
    /// The dimensions in use, outermost first.
    #[must_use]
    pub fn dimensions(&self) -> &[i32] {
        self.dims.get(..self.ndims).unwrap_or_default()
    }
}

/// Reads an array's header and gives its elements to iterate over, in row-major order.
///
/// Nothing is allocated, and the number of elements is checked against the body's length before anybody can make
/// room for them.
pub fn array(mut body: &[u8]) -> Result<(ArrayHeader, Elements<'_>), Malformed> {
    let ndims = usize::try_from(take_i32(&mut body)?)
        .ok()
        .filter(|&ndims| ndims <= MAX_DIMENSIONS)
        .ok_or(Malformed("its number of dimensions is not between 0 and 6"))?;
    let has_nulls = match take_i32(&mut body)? {
        0 => false,
        1 => true,
        _ => return Err(Malformed("its flags are not 0 or 1")),
    };
    let element_oid = u32::from_be_bytes(take(&mut body)?);
    let mut header = ArrayHeader { ndims, dims: [0; MAX_DIMENSIONS], element_oid, has_nulls, count: 0 };
    let mut count = usize::from(ndims > 0);
    for place in header.dims.iter_mut().take(ndims) {
        let length = take_i32(&mut body)?;
        let _lower_bound = take_i32(&mut body)?;
        *place = length;
        count = usize::try_from(length)
            .map_err(|_| Malformed("the length of a dimension is negative"))?
            .checked_mul(count)
            .ok_or(Malformed("it claims more elements than it has room for"))?;
    }
    // Every element has a length of four bytes, NULL included.
    if count > body.len() / 4 {
        return Err(Malformed("it claims more elements than it has room for"));
    }
    if count == 0 {
        header.ndims = 0;
        header.dims = [0; MAX_DIMENSIONS];
        if !body.is_empty() {
            return Err(TRAILING);
        }
    }
    header.count = count;
    Ok((header, Elements { rest: body, remaining: count }))
}

const TRAILING: Malformed = Malformed("bytes follow its last element");

/// An array's elements, `None` for NULL. After an error it gives nothing more.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    rest: &'a [u8],
    remaining: usize,
}

impl<'a> Elements<'a> {
    /// The elements when each is of `N` bytes and none is NULL, which is the shape of most arrays of numbers.
    pub fn fixed<const N: usize>(&self) -> Option<impl Iterator<Item = [u8; N]> + use<'a, N>> {
        let entries = self.rest.chunks_exact(4 + N);
        let whole = entries.len() == self.remaining && entries.remainder().is_empty();
        let is_fixed = |entry: &[u8]| {
            entry.first_chunk::<4>().map(|length| u32::from_be_bytes(*length)) == u32::try_from(N).ok()
        };
        let fixed = whole && entries.clone().all(is_fixed);
        fixed.then(|| entries.filter_map(|entry| entry.last_chunk::<N>().copied()))
    }

    /// One element; the last one must end where the body does.
    #[inline]
    fn element(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let element = take_value(&mut self.rest)?;
        self.remaining -= 1;
        if self.remaining == 0 && !self.rest.is_empty() {
            return Err(TRAILING);
        }
        Ok(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Option<&'a [u8]>, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.remaining == 0 {
            return None;
        }
        let element = self.element();
        if element.is_err() {
            self.remaining = 0;
        }
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // Fewer when one of them is an error.
        (self.remaining.min(1), Some(self.remaining))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[i32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    type Read<'a> = Result<(ArrayHeader, Vec<Option<&'a [u8]>>), Malformed>;

    fn read(body: &[u8]) -> Read<'_> {
        let (header, elements) = array(body)?;
        Ok((header, elements.collect::<Result<_, _>>()?))
    }

    #[test]
    fn elements_come_in_order_with_nulls() {
        let body = words(&[2, 1, 23, 2, 1, 2, -5, 4, 7, -1, 4, 9, 0]);
        let (header, elements) = read(&body).unwrap();
        assert_eq!(header.dimensions(), [2, 2]);
        assert_eq!((header.element_oid, header.has_nulls, header.count), (23, true, 4));
        assert_eq!(elements, [Some(&[0, 0, 0, 7][..]), None, Some(&[0, 0, 0, 9]), Some(&[])]);
    }

    #[test]
    fn empty_arrays_have_no_dimensions() {
        for body in
            [words(&[0, 0, 23]), words(&[1, 0, 23, 0, 1]), words(&[3, 0, 23, 0, 1, i32::MAX, 1, i32::MAX, 1])]
        {
            let (header, elements) = read(&body).unwrap();
            assert_eq!((header.ndims, header.dims, header.count), (0, [0; 6], 0));
            assert!(elements.is_empty());
        }
    }

    #[test]
    fn six_dimensions_are_read_and_seven_are_not() {
        let mut body = words(&[6, 0, 23, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 42]);
        assert_eq!(read(&body).unwrap().0.dims, [1; 6]);
        body[3] = 7;
        assert!(read(&body).is_err());
    }

    #[test]
    fn lies_are_refused() {
        let cases: [(&[i32], &str); 13] = [
            (&[i32::MAX, 0, 23], "its number of dimensions is not between 0 and 6"),
            (&[-1, 0, 23], "its number of dimensions is not between 0 and 6"),
            (&[0, 2, 23], "its flags are not 0 or 1"),
            (&[0, 0], "it ends too early"),
            (&[1, 0, 23, 1], "it ends too early"),
            (&[1, 0, 23, -1, 1], "the length of a dimension is negative"),
            (&[1, 0, 23, i32::MAX, 1, 4, 1], "it claims more elements than it has room for"),
            (
                &[6, 0, 23, i32::MAX, 1, i32::MAX, 1, i32::MAX, 1, i32::MAX, 1, i32::MAX, 1, i32::MAX, 1],
                "it claims more elements than it has room for",
            ),
            (&[1, 0, 23, 1, 1, -2], "the length of a value in it is negative"),
            (&[1, 0, 23, 1, 1, i32::MAX], "a value in it ends after it"),
            (&[1, 0, 23, 1, 1, 5, 0], "a value in it ends after it"),
            (&[1, 0, 23, 1, 1, 0, 0], "bytes follow its last element"),
            (&[0, 0, 23, 0], "bytes follow its last element"),
        ];
        for (body, reason) in cases {
            assert_eq!(read(&words(body)).map(|_| ()), Err(Malformed(reason)), "{body:?}");
        }
    }

    #[test]
    fn nothing_follows_an_error() {
        let body = words(&[1, 0, 23, 3, 1, -2, 0, 0]);
        let (_, mut elements) = array(&body).unwrap();
        assert!(elements.next().unwrap().is_err());
        assert!(elements.next().is_none());
    }
}
