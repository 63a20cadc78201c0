//! stub
use crate::LoadError;
/// v
#[derive(Clone, Copy, Debug)]
pub struct Vocab<'a> {
    b: &'a [u8],
    n: usize,
}
impl<'a> Vocab<'a> {
    /// p
    pub fn parse(b: &'a [u8], n: usize) -> Result<Self, LoadError> {
        Ok(Self { b, n })
    }
    /// l
    pub fn len(&self) -> usize {
        let _ = self.b;
        self.n
    }
}
