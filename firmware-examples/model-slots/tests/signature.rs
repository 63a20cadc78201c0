//! Models signed with Ed25519: how a product verifies them, and what it refuses.

mod models;
mod simulated_flash;

use ed25519_compact::{KeyPair, PublicKey, Seed};
use model_slots::{Announced, Checks, Layout, ReceiveError, Receiver, Refusal, Signature, Slots};
use models::{BUDGET, tiny};
use simulated_flash::{FlashError, SimulatedFlash};

const LAYOUT: Layout = Layout { starts: [0, 8192], slot_len: 8192 };

type Flash = SimulatedFlash<4, 4096>;

/// The key that the product's maker keeps. A real one comes from a source of random numbers and never leaves its place.
fn keys() -> KeyPair {
    KeyPair::from_seed(Seed::new([1; 32]))
}

/// What a program does, with its maker's public key in a constant.
fn verify(blob: &[u8], signature: &Signature) -> bool {
    verifies(&keys().pk, blob, signature)
}

/// As a program of somebody else, who has another key.
fn verify_with_another_key(blob: &[u8], signature: &Signature) -> bool {
    verifies(&KeyPair::from_seed(Seed::new([2; 32])).pk, blob, signature)
}

fn verifies(key: &PublicKey, blob: &[u8], signature: &Signature) -> bool {
    key.verify(blob, &ed25519_compact::Signature::new(*signature)).is_ok()
}

fn sign(blob: &[u8]) -> Signature {
    // Without random noise the signature is that of RFC 8032.
    *keys().sk.sign(blob, None)
}

fn receive(flash: &Flash, blob: &[u8], signature: Signature, checks: &Checks) -> Result<(), ReceiveError<FlashError>> {
    let mut slots = Slots::new(flash.clone(), flash.map(), LAYOUT).unwrap();
    let announced = Announced { blob_len: blob.len(), signature };
    let mut receiver = Receiver::begin(&mut slots, announced, checks)?;
    blob.chunks(64).try_for_each(|chunk| receiver.push(chunk))?;
    receiver.finish().map(|_| ())
}

fn running(flash: &Flash, checks: &Checks) -> Result<&'static [u8], [Refusal; 2]> {
    let mut slots = Slots::new(flash.clone(), flash.map(), LAYOUT).unwrap();
    slots.load(checks).map(|loaded| loaded.blob).map_err(|error| error.refusals)
}

#[test]
fn a_signed_model_is_taken_and_verified_again_at_the_start() {
    let (flash, model) = (Flash::new(16384), tiny("signed"));
    let checks = Checks::signed(BUDGET, verify);
    receive(&flash, &model, sign(&model), &checks).unwrap();
    assert!(running(&flash, &checks) == Ok(&model));
    assert!(running(&flash, &checks.without_signature()) == Ok(&model));
}

#[test]
fn a_changed_model_and_a_wrong_key_are_refused_before_they_are_valid() {
    let (flash, old, new) = (Flash::new(16384), tiny("old"), tiny("new"));
    let checks = Checks::signed(BUDGET, verify);
    receive(&flash, &old, sign(&old), &checks).unwrap();

    // Sound as a model, with a right checksum of its own, but not what was signed.
    let refused = Err(ReceiveError::Refused(Refusal::Signature));
    assert_eq!(receive(&flash, &tiny("mew"), sign(&new), &checks), refused);
    let mut signature = sign(&new);
    signature[5] ^= 1;
    assert_eq!(receive(&flash, &new, signature, &checks), refused);
    assert_eq!(receive(&flash, &new, [0; 64], &checks), refused);
    assert_eq!(receive(&flash, &new, sign(&new), &Checks::signed(BUDGET, verify_with_another_key)), refused);
    // None of them was made valid, so a start that verifies nothing does not run one either.
    assert!(running(&flash, &checks.without_signature()) == Ok(&old));
    receive(&flash, &new, sign(&new), &checks).unwrap();
    assert!(running(&flash, &checks) == Ok(&new));
}

#[test]
fn a_model_that_somebody_else_put_into_the_flash_does_not_start() {
    let (flash, model) = (Flash::new(16384), tiny("forged"));
    receive(&flash, &model, [0; 64], &Checks::unsigned(BUDGET)).unwrap();
    assert_eq!(running(&flash, &Checks::signed(BUDGET, verify)), Err([Refusal::Signature, Refusal::Empty]));
}
