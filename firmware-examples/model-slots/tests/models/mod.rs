//! Models to send: a shipped one, and the smallest that the runtime reads.
#![allow(dead_code)]

use embedded_gpt::format::blob::{self, ALIGN, HEADER_LEN, MAGIC, SECTION_ENTRY_LEN, VERSION, checksum, field};
use embedded_gpt::{Aligned, Model, include_model};

/// A shipped model, whose memory for 32 tokens fits into [`BUDGET`].
pub static ORDERS: &Aligned<[u8]> = include_model!("../../../../models/orders.egpt");

/// A program's memory with room for every model of the tests.
pub const BUDGET: model_slots::Budget =
    model_slots::Budget { context: 32, kv_words: 8 << 10, scratch_words: 4 << 10, blob_bytes: 60 << 10 };

/// The shipped model with another byte in its metadata: another model, as the checksum tells, and as sound.
pub fn orders_marked(mark: u8) -> Vec<u8> {
    let metadata = Model::parse(&ORDERS.0).unwrap().metadata();
    let mut blob = ORDERS.0.to_vec();
    blob[metadata.as_ptr().addr() - ORDERS.0.as_ptr().addr()] = mark;
    with_checksum(blob)
}

/// A sound model of 3 KB with weights of zero: bytes are its tokens. `note` is its metadata.
pub fn tiny(note: &str) -> Vec<u8> {
    const N_EMBD: u32 = 4;
    let mut tensors = Tensors::default();
    tensors.q4(0, 256);
    tensors.q8(1);
    tensors.gain(2);
    (4..=7).for_each(|role| tensors.q8(role));
    tensors.gain(8);
    [11, 12].into_iter().for_each(|role| tensors.q8(role));
    tensors.gain(13);
    let sections = [
        (blob::TENSOR_DIRECTORY, tensors.directory),
        (blob::TENSOR_DATA, tensors.data),
        (blob::VOCABULARY, vocabulary_of_bytes()),
        (blob::METADATA, note.as_bytes().to_vec()),
    ];

    let mut header = [0; HEADER_LEN];
    let mut put = |at: usize, bytes: &[u8]| header[at..][..bytes.len()].copy_from_slice(bytes);
    put(field::MAGIC, &MAGIC);
    put(field::VERSION, &VERSION.to_le_bytes());
    put(field::N_SECTION, &(sections.len() as u16).to_le_bytes());
    put(field::N_VOCAB, &256_u32.to_le_bytes());
    for (at, one) in [(field::N_LAYER, 1), (field::N_HEAD, 1), (field::N_KV_HEAD, 1), (field::HEAD_DIM, 4_u16)] {
        put(at, &one.to_le_bytes());
    }
    for at in [field::N_CTX, field::N_EMBD, field::N_FF] {
        put(at, &N_EMBD.to_le_bytes());
    }
    put(field::NORM_EPS, &1e-5_f32.to_le_bytes());
    // RMSNorm, learned positions, GELU, a head that is the token embedding.
    put(field::NORM, &[1, 0, 0, 2]);
    assembled(header, &sections)
}

fn assembled(header: [u8; HEADER_LEN], sections: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.resize(HEADER_LEN + SECTION_ENTRY_LEN * sections.len(), 0);
    for (i, (name, content)) in sections.iter().enumerate() {
        let entry = [*name, (bytes.len() as u32).to_le_bytes(), (content.len() as u32).to_le_bytes(), [0; 4]];
        bytes[HEADER_LEN + SECTION_ENTRY_LEN * i..][..SECTION_ENTRY_LEN].copy_from_slice(entry.as_flattened());
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
    }
    let blob_len = bytes.len() as u32;
    bytes[field::BLOB_LEN..][..4].copy_from_slice(&blob_len.to_le_bytes());
    with_checksum(bytes)
}

fn with_checksum(mut blob: Vec<u8>) -> Vec<u8> {
    let crc = checksum(&blob);
    blob[field::CRC..][..4].copy_from_slice(&crc.to_le_bytes());
    blob
}

/// Each token is a byte.
fn vocabulary_of_bytes() -> Vec<u8> {
    let mut section = vec![0; 32];
    for (at, value) in [(6, 256), (10, 256), (16, u16::MAX), (18, u16::MAX), (20, u16::MAX), (22, u16::MAX), (26, 1)] {
        section[at..][..2].copy_from_slice(&u16::to_le_bytes(value));
    }
    section.extend(0..=255);
    section
}

/// Tensors of four columns.
#[derive(Default)]
struct Tensors {
    directory: Vec<u8>,
    data: Vec<u8>,
}

impl Tensors {
    /// One value per column.
    fn gain(&mut self, role: u8) {
        self.add(role, 0, &[0, 1].repeat(4));
    }

    /// Four rows of 8 bits: scales, then four tiles.
    fn q8(&mut self, role: u8) {
        self.add(role, 1, &[[1, 0].repeat(8), vec![128; 4 * 16]].concat());
    }

    /// Rows of 4 bits: scales, two tiles for each four, and what a kernel may read behind them.
    fn q4(&mut self, role: u8, n_row: usize) {
        self.add(role, 2, &[[1, 0].repeat(n_row), vec![0x88; n_row / 4 * 32], vec![0; 32]].concat());
    }

    fn add(&mut self, role: u8, format: u8, bytes: &[u8]) {
        let (at, len) = (self.data.len() as u32, bytes.len() as u32);
        self.directory.extend([role, format, 0, 0]);
        self.directory.extend([at.to_le_bytes(), len.to_le_bytes()].as_flattened());
        self.directory.extend((-8_i16).to_le_bytes().into_iter().chain([0, 0]));
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(ALIGN), 0);
    }
}
