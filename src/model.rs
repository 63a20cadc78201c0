//! A checked view of a blob.

use crate::Config;
use crate::config::Position;
use crate::error::LoadError;
use crate::format::blob::{self, field};
use crate::format::tensor::{Role, Tensor, Tensors};
use crate::quant::{QMatrix, Vector};

/// A model, read in place from the bytes of a blob (usually in flash).
///
/// [`Model::parse`] is the one border of trust: once it has accepted the bytes, no later call
/// can reach outside them. A `Model` is small (a few hundred bytes of references and sizes), and can be copied.
///
/// ```
/// use embedded_gpt::{Aligned, Model, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
///
/// let model = Model::parse(&BLOB.0)?;
/// assert_eq!(model.config().n_vocab, model.vocab().len());
/// # Ok::<(), embedded_gpt::error::LoadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    config: Config,
    tensors: Tensors<'a>,
    vocab: crate::Vocab<'a>,
    words: crate::lexicon::WordList<'a>,
    ngrams: crate::lexicon::Ngrams<'a>,
    blocked: crate::lexicon::Blocked<'a>,
    rotary_steps: &'a [u32],
    blob: &'a [u8],
}

impl<'a> Model<'a> {
    /// Checks a blob and makes a view of it. Copies nothing; reads the blob through
    /// once for the checksum, and the vocabulary once more.
    ///
    /// Bytes after the blob's own length are ignored, so the whole of a flash partition may be given.
    ///
    /// # Errors
    /// - [`LoadError::NotABlob`], [`LoadError::Version`] and [`LoadError::Truncated`] for bytes that are not a
    ///   whole blob of this version;
    /// - [`LoadError::Misaligned`] if they do not start at a multiple of 16;
    /// - [`LoadError::Checksum`] if they were damaged;
    /// - [`LoadError::Config`], [`LoadError::Section`], [`LoadError::Tensor`] and [`LoadError::Vocab`] if whoever
    ///   wrote the blob broke the format.
    #[inline(never)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let (blob_len, config) = blob::read_header(bytes)?;
        if !bytes.as_ptr().addr().is_multiple_of(blob::ALIGN) {
            return Err(LoadError::Misaligned);
        }
        let bytes = bytes.get(..blob_len).ok_or(LoadError::Section)?;
        if blob::checksum(bytes) != blob::u32_at(bytes, field::CRC) {
            return Err(LoadError::Checksum);
        }
        let section = |name| blob::section(bytes, name).ok_or(LoadError::Section);
        let tensors = Tensors::parse(&config, section(blob::TENSOR_DIRECTORY)?, section(blob::TENSOR_DATA)?)?;
        let vocab = crate::Vocab::parse(section(blob::VOCABULARY)?, config.n_vocab).map_err(LoadError::Vocab)?;
        let (words, ngrams, blocked) = Default::default();
        let mut model = Self { config, tensors, vocab, words, ngrams, blocked, rotary_steps: &[], blob: bytes };
        model.read_lists(bytes).ok_or(LoadError::Section)?;
        Ok(model)
    }

    /// Reads the sections that not every model has; `None` if one is broken.
    #[inline(never)] // a model in memory is filled with less code than one in registers
    fn read_lists(&mut self, bytes: &'a [u8]) -> Option<()> {
        if let Some(section) = blob::section(bytes, blob::WORDS) {
            self.words = crate::lexicon::WordList::parse(section, self.config.n_vocab)?;
        }
        if let Some(section) = blob::section(bytes, blob::NGRAMS) {
            self.ngrams = crate::lexicon::Ngrams::parse(section)?;
        }
        if let Some(section) = blob::section(bytes, blob::BLOCKED) {
            self.blocked = crate::lexicon::Blocked::parse(section)?;
        }
        if self.config.position == Position::Rotary {
            self.rotary_steps = bytemuck::try_cast_slice(blob::section(bytes, blob::ROTARY)?).ok()?;
            return (self.rotary_steps.len() == self.config.head_dim / 2).then_some(());
        }
        Some(())
    }

    /// Shape and variant.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The vocabulary.
    pub fn vocab(&self) -> crate::Vocab<'a> {
        self.vocab
    }

    pub(crate) fn vocab_ref(&self) -> &crate::Vocab<'a> {
        &self.vocab
    }

    pub(crate) fn words_ref(&self) -> &crate::lexicon::WordList<'a> {
        &self.words
    }

    /// The word list; empty if the blob has none.
    pub fn words(&self) -> crate::lexicon::WordList<'a> {
        self.words
    }

    /// The n-gram table; empty if the blob has none.
    pub fn ngrams(&self) -> crate::lexicon::Ngrams<'a> {
        self.ngrams
    }

    /// The words that are not offered; empty if the blob has no list of them.
    pub fn blocked(&self) -> crate::lexicon::Blocked<'a> {
        self.blocked
    }

    pub(crate) fn blocked_ref(&self) -> &crate::lexicon::Blocked<'a> {
        &self.blocked
    }

    /// Length of the blob in bytes; [`parse`](Self::parse) may have been given more.
    pub fn blob_len(&self) -> usize {
        self.blob.len()
    }

    /// A number that tells this model from others: the checksum in its blob.
    ///
    /// Two blobs that differ in one bit have other numbers, so a product can ask which model is in its flash. Among
    /// unrelated models the numbers of two are the same once in four billion times; it is no protection against
    /// forgery.
    pub fn id(&self) -> u32 {
        blob::u32_at(self.blob, field::CRC)
    }

    /// What whoever made the model wrote about it: name, corpus, licence. May be empty, and is if it is not UTF-8.
    pub fn metadata(&self) -> &'a str {
        core::str::from_utf8(blob::section(self.blob, blob::METADATA).unwrap_or_default()).unwrap_or_default()
    }

    /// The value of a line `key: value` of the [metadata](Self::metadata), such as `name` or `version`.
    ///
    /// ```
    /// use embedded_gpt::{Aligned, Model, include_model};
    /// static BLOB: &Aligned<[u8]> = include_model!("../models/orders.egpt");
    /// let model = Model::parse(&BLOB.0)?;
    /// assert_eq!(model.metadata_value("corpus"), Some("chitchat"));
    /// assert_eq!(model.metadata_value("version"), None);
    /// # Ok::<(), embedded_gpt::error::LoadError>(())
    /// ```
    pub fn metadata_value(&self, key: &str) -> Option<&'a str> {
        self.metadata().lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(':')?.trim()))
    }

    /// A tensor as stored; without bytes if the model has no such tensor.
    pub fn tensor(&self, role: Role, layer: usize) -> Tensor<'a> {
        let n_layer = if role.is_in_layers() { self.config.n_layer } else { 1 };
        if layer < n_layer { self.tensors.get(role, layer) } else { Tensor::default() }
    }

    pub(crate) fn matrix(&self, role: Role, layer: usize) -> QMatrix<'a> {
        let (rows, cols) = self.config.shape(role);
        QMatrix::new(self.tensors.get(role, layer), rows, cols)
    }

    /// A norm's or a bias's values; empty if the model has no such tensor.
    pub(crate) fn vector(&self, role: Role, layer: usize) -> Vector<'a> {
        Vector::new(self.tensors.get(role, layer))
    }

    pub(crate) fn rotary_steps(&self) -> &'a [u32] {
        self.rotary_steps
    }
}
