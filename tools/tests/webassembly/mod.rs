//! The runtime that pages carry, run by an interpreter and called as the page calls it.

use std::fs;
use std::path::Path;

use wasmi::{Engine, Instance, Linker, Memory, Module, Store, Val};

use crate::native::Word;

const WORKING: i32 = 1;
const MAX_SLOTS: u32 = 3;
/// Bytes of the struct egpt_suggestion.
const SUGGESTION: usize = 40;
const MAX_TEXT: u32 = 4096;
/// 64-KiB pages that everything here fits into, with the model.
const PAGES: u64 = 64;

/// The module with a model in its memory.
pub struct Runtime {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    /// Where free memory begins.
    end: u32,
    out: u32,
    text: u32,
    model: u32,
}

impl Runtime {
    /// Starts the module that is in the repository.
    pub fn start(blob: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/embedded_gpt.wasm");
        let engine = Engine::default();
        let module = Module::new(&engine, fs::read(path).unwrap()).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        memory.grow(&mut store, PAGES).unwrap();
        let heap = instance.get_global(&store, "__heap_base").unwrap().get(&store);
        let end = heap.i32().unwrap() as u32;
        let mut runtime = Self { store, instance, memory, end, out: 0, text: 0, model: 0 };
        (runtime.out, runtime.text) = (runtime.room(16), runtime.room(MAX_TEXT));
        let (at, size) = (runtime.room(blob.len() as u32), runtime.call("egpt_model_size", &[]) as u32);
        memory.write(&mut runtime.store, at as usize, blob).unwrap();
        let place = runtime.room(size);
        runtime.succeed("egpt_model_load", &[place, size, at, blob.len() as u32, runtime.out]);
        runtime.model = runtime.word(runtime.out);
        runtime
    }

    /// Makes a suggester with keys of a number of egpt_key_layout.
    pub fn suggester(&mut self, context: usize, layout: u32) -> u32 {
        let keys = self.words_at(&[layout, 0, 0]);
        let (session, size) = (self.session(context), self.call("egpt_suggester_keys_size", &[]) as u32);
        let place = self.room(size);
        self.succeed("egpt_suggester_init_keys", &[place, size, session, 0, keys, self.out]);
        self.word(self.out)
    }

    /// The words for a text, and the passes through the model that they took.
    pub fn suggest(&mut self, suggester: u32, text: &str) -> (Vec<Word>, u32) {
        self.memory.write(&mut self.store, self.text as usize, text.as_bytes()).unwrap();
        let before = self.call("egpt_suggester_decode_steps", &[suggester]);
        while self.call("egpt_suggester_poll", &[suggester, self.text, text.len() as u32]) == WORKING {}
        let slots = self.room(MAX_SLOTS * SUGGESTION as u32);
        self.succeed("egpt_suggester_best", &[suggester, slots, MAX_SLOTS, self.out]);
        let n = self.word(self.out) as usize;
        let bytes = self.bytes(slots, n * SUGGESTION);
        (
            bytes.chunks_exact(SUGGESTION).map(word).collect(),
            (self.call("egpt_suggester_decode_steps", &[suggester]) - before) as u32,
        )
    }

    /// What a space bar puts in the place of the last word of a text.
    pub fn correction(&mut self, suggester: u32, text: &str) -> Option<String> {
        self.suggest(suggester, text);
        let slot = self.room(SUGGESTION as u32);
        self.succeed("egpt_suggester_correction", &[suggester, slot, self.out]);
        (self.bytes(self.out, 1) != [0]).then(|| word(&self.bytes(slot, SUGGESTION)).text)
    }

    pub fn logits_hash(&mut self, n_tokens: usize, context: usize) -> u64 {
        let session = self.session(context);
        self.succeed("egpt_logits_hash", &[session, n_tokens as u32, self.out]);
        u64::from_le_bytes(self.bytes(self.out, 8).try_into().unwrap())
    }

    pub fn tokens(&mut self, text: &str) -> Vec<u16> {
        self.memory.write(&mut self.store, self.text as usize, text.as_bytes()).unwrap();
        let most = 2 * text.len() as u32 + 2;
        let ids = self.room(2 * most);
        self.succeed("egpt_model_encode", &[self.model, self.text, text.len() as u32, ids, most, self.out]);
        let n = self.word(self.out) as usize;
        self.bytes(ids, 2 * n).chunks_exact(2).map(|id| u16::from_le_bytes([id[0], id[1]])).collect()
    }

    fn session(&mut self, context: usize) -> u32 {
        let context = context as u32;
        let kv_words = self.call("egpt_model_kv_words", &[self.model, context]) as u32;
        let scratch_words = self.call("egpt_model_scratch_words", &[self.model, context, 1]) as u32;
        let (kv, scratch) = (self.room(4 * kv_words), self.room(4 * scratch_words));
        self.words_at(&[self.model, context, kv, kv_words, scratch, scratch_words])
    }

    /// Memory at a multiple of 16.
    fn room(&mut self, n_bytes: u32) -> u32 {
        let start = self.end.next_multiple_of(16);
        self.end = start + n_bytes;
        assert!(self.end as usize <= self.memory.data_size(&self.store), "more pages");
        start
    }

    fn words_at(&mut self, words: &[u32]) -> u32 {
        let at = self.room(4 * words.len() as u32);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.memory.write(&mut self.store, at as usize, &bytes).unwrap();
        at
    }

    fn bytes(&self, at: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.memory.read(&self.store, at as usize, &mut bytes).unwrap();
        bytes
    }

    fn word(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    fn call(&mut self, name: &str, arguments: &[u32]) -> i32 {
        let function = self.instance.get_func(&self.store, name).unwrap();
        let arguments: Vec<Val> = arguments.iter().map(|&argument| Val::I32(argument as i32)).collect();
        let mut result = [Val::I32(0)];
        function.call(&mut self.store, &arguments, &mut result).unwrap();
        result[0].i32().unwrap()
    }

    #[track_caller]
    fn succeed(&mut self, name: &str, arguments: &[u32]) {
        assert_eq!(self.call(name, arguments), 0, "{name}");
    }
}

/// The struct egpt_suggestion.
fn word(slot: &[u8]) -> Word {
    let text = String::from_utf8(slot[..usize::from(slot[36])].to_vec()).unwrap();
    Word { text, percent: slot[37], corrects: slot[38] != 0 }
}
