//! The public interface as a whole: its size, and what can be built and handed on.

use embedded_gpt::{
    Aligned, Config, Error, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model,
};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 32;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

/// As firmware does it once, at the start.
fn make() -> Result<Suggester<'static>, Error> {
    let model = Model::parse(&BLOB.0)?;
    Ok(Suggester::new(Session::new(&model, CONTEXT, RAM.take().buffers())?, SuggestOptions::DEFAULT))
}

#[test]
fn a_suggester_is_made_in_a_function_and_moved_to_a_thread() {
    let mut suggester = make().unwrap();
    let typing = std::thread::spawn(move || {
        let mut slots = [Suggestion::EMPTY; 3];
        assert!(!suggester.suggest("how are y", &mut slots).is_empty());
        suggester
    });
    // The memory can be lent again.
    let buffers = typing.join().unwrap().into_session().into_buffers();
    let model = Model::parse(&BLOB.0).unwrap();
    let mut session = Session::new(&model, CONTEXT, buffers).unwrap();
    session.step(0).unwrap();
}

#[test]
fn the_root_has_few_names() {
    let source = include_str!("../src/lib.rs");
    let root = source.split("#[cfg(doctest)]").next().unwrap();
    let mut names = vec!["include_model"];
    let mut is_hidden = false;
    for line in root.lines() {
        let public = line.strip_prefix("pub ").and_then(|line| line.strip_suffix(';'));
        if let (Some(item), false) = (public, is_hidden) {
            let item = item.split(" = ").next().unwrap().rsplit([':', ' ']);
            let list = line.split_once('{').map(|(_, list)| list.trim_end_matches("};"));
            names.extend(list.map_or_else(|| item.take(1).collect(), |list| list.split(", ").collect::<Vec<_>>()));
        }
        is_hidden = line.starts_with("#[doc(hidden)]") || is_hidden && line.starts_with('#');
    }
    assert!((20..=30).contains(&names.len()), "{}: {names:?}", names.len());
}

#[test]
fn a_model_tells_which_one_it_is() {
    let mut partition = vec![0_u128; BLOB.0.len() / 16 + 100];
    bytemuck::cast_slice_mut(&mut partition)[..BLOB.0.len()].copy_from_slice(&BLOB.0);
    let model = Model::parse(bytemuck::cast_slice(&partition)).unwrap();
    assert_eq!(model.blob_len(), BLOB.0.len());
    assert_eq!(model.id().to_le_bytes(), BLOB.0[12..16]);
    // Sizes can be asked of a model that only run time knows.
    assert_eq!(model.config().kv_words(CONTEXT), CONFIG.kv_words(CONTEXT));
}
