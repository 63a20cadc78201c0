//! SiLU and GELU, as `x · s(x)` with an s-shaped function `s` between 0 and 1.

use crate::config::Mlp;
use crate::fixed::{Factor, Scale, exp};
use crate::kernel::{self, SAMPLE_BITS, Samples};

/// Samples per unit of x. Straight lines between samples are within 1.2·10⁻⁴ of the function.
const PER_UNIT: usize = 16;
const _: () = assert!(PER_UNIT << SAMPLE_BITS == 1 << -X_UNIT);
/// Units of x: 2⁻¹².
const X_UNIT: i32 = -12;

const SIGMOID_END: usize = 11;
const NORMAL_END: usize = 4;

/// `1 / (1 + e⁻ˣ)` for x ≥ 0 in units of 2⁻¹⁶.
static SIGMOID: [u16; SIGMOID_END * PER_UNIT + 1] = {
    let mut table = [0; SIGMOID_END * PER_UNIT + 1];
    let mut i = 0;
    while i < table.len() {
        table[i] = to_units(sigmoid(i as f64 / PER_UNIT as f64));
        i += 1;
    }
    table
};

/// The normal distribution's `Φ(x)`.
static NORMAL: [u16; NORMAL_END * PER_UNIT + 1] = {
    let mut table = [0; NORMAL_END * PER_UNIT + 1];
    let mut i = 0;
    while i < table.len() {
        table[i] = to_units(normal(i as f64 / PER_UNIT as f64));
        i += 1;
    }
    table
};

/// `(1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`, which takes the place of Φ in GPT-2.
static NORMAL_TANH: [u16; NORMAL_END * PER_UNIT + 1] = {
    let mut table = [0; NORMAL_END * PER_UNIT + 1];
    let mut i = 0;
    while i < table.len() {
        let x = i as f64 / PER_UNIT as f64;
        table[i] = to_units(sigmoid(2.0 * SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x)));
        i += 1;
    }
    table
};

const SILU: Samples = Samples::new(&SIGMOID);
const GELU: Samples = Samples::new(&NORMAL);
const GELU_TANH: Samples = Samples::new(&NORMAL_TANH);

const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;

const fn to_units(value: f64) -> u16 {
    let units = value * 65_536.0 + 0.5;
    if units < 65_535.0 { units as u16 } else { 65_535 }
}

const fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// `½ + φ(x) (x + x³/3 + x⁵/(3·5) + …)`
const fn normal(x: f64) -> f64 {
    let (mut sum, mut term, mut odd) = (x, x, 3.0);
    while odd < 121.0 {
        term = term * x * x / odd;
        sum += term;
        odd += 2.0;
    }
    0.5 + sum * exp(-x * x / 2.0) * SQRT_2_OVER_PI / 2.0
}

/// Numbers and the scale that they share.
#[derive(Debug)]
pub(crate) struct Scaled<'a> {
    pub(crate) values: &'a mut [i32],
    pub(crate) scale: Scale,
}

/// The activation of the MLP: `x` becomes `gelu(x)`, or `silu(x) · up`. Returns the new scale of `x`.
///
/// The result is within 2·10⁻⁴ |x| of the exact function.
#[inline(never)]
pub(crate) fn activate(mlp: Mlp, x: Scaled<'_>, up: Scaled<'_>) -> Scale {
    let samples = match mlp {
        Mlp::SwiGlu => SILU,
        Mlp::Gelu => GELU,
        Mlp::GeluTanh => GELU_TANH,
    };
    let x_bits = kernel::bits(x.values);
    let to_x = Factor::new(x.scale, x_bits, X_UNIT);
    let scale = x.scale.times_power_of_two(x_bits as i32 - 30);
    if mlp != Mlp::SwiGlu {
        kernel::gate(x.values, samples, to_x, &[], 0);
        return scale;
    }
    let up_bits = kernel::bits(up.values);
    kernel::gate(x.values, samples, to_x, up.values, 31 - up_bits);
    scale.times(up.scale).times_power_of_two(up_bits as i32 - 15 + 17)
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa()) * f64::powi(2.0, scale.exponent())
    }

    /// The normal distribution by Simpson's rule, from far left.
    fn normal_by_integration(x: f64) -> f64 {
        let (steps, from) = (20_000, -10.0);
        let h = (x - from) / f64::from(steps);
        let density = |x: f64| (-x * x / 2.0).exp() * SQRT_2_OVER_PI / 2.0;
        let weight = |i| if i == 0 || i == steps { 1.0 } else { f64::from(2 + i % 2 * 2) };
        (0..=steps).map(|i| density(from + f64::from(i) * h) * weight(i)).sum::<f64>() * h / 3.0
    }

    fn exact(mlp: Mlp, x: f64) -> f64 {
        match mlp {
            Mlp::SwiGlu => x / (1.0 + (-x).exp()),
            Mlp::Gelu => x * normal_by_integration(x),
            Mlp::GeluTanh => 0.5 * x * (1.0 + (SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x)).tanh()),
        }
    }

    const ALL: [Mlp; 3] = [Mlp::SwiGlu, Mlp::Gelu, Mlp::GeluTanh];

    #[test]
    fn activations_match_their_definitions() {
        for mlp in ALL {
            for (scale, to) in [(Scale::of(0.37), 60), (Scale::power_of_two(-20), 15 << 20), (Scale::of(3e-5), 900_000)]
            {
                let values: Vec<i32> = (-60..=60).map(|i| to / 60 * i).collect();
                let mut x = values.clone();
                let mut up: Vec<i32> = values.iter().map(|_| 1 << 20).collect();
                let up_scale = Scale::power_of_two(-20);
                let up = Scaled { values: &mut up, scale: up_scale };
                let out = activate(mlp, Scaled { values: &mut x, scale }, up);
                for (&v, &x) in values.iter().zip(&x) {
                    let v = f64::from(v) * real(scale);
                    let error = (f64::from(x) * real(out) - exact(mlp, v)).abs();
                    assert!(error <= 2e-4 * v.abs() + 1e-6, "{mlp:?}({v}): {error}");
                }
            }
        }
    }

    #[test]
    fn gates_multiply_with_15_bits() {
        let gates = [4 << 20, -(4 << 20), 1 << 12, 100 << 20];
        let ups = [i32::MAX, i32::MIN, 12_345_678, -70_000];
        let (mut x, mut up) = (gates, ups);
        let (gate_scale, up_scale) = (Scale::power_of_two(-20), Scale::of(0.7));
        let up = Scaled { values: &mut up, scale: up_scale };
        let scale = activate(Mlp::SwiGlu, Scaled { values: &mut x, scale: gate_scale }, up);
        for i in 0..4 {
            let gate = exact(Mlp::SwiGlu, f64::from(gates[i]) * real(gate_scale));
            let right = gate * f64::from(ups[i]) * real(up_scale);
            let step = gate.abs() * real(up_scale) * 65_536.0;
            let error = (f64::from(x[i]) * real(scale) - right).abs();
            assert!(error <= right.abs() * 1e-3 + step * 1.1 + 10.0 * real(scale), "{i}: {error} of {right}");
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        for mlp in ALL {
            for scale in [Scale::ZERO, Scale::power_of_two(-40_000), Scale::power_of_two(40_000)] {
                let mut x = [i32::MIN, i32::MAX, 0, -1];
                let mut up = [i32::MIN, i32::MIN, i32::MAX, 0];
                activate(mlp, Scaled { values: &mut x, scale }, Scaled { values: &mut up, scale });
                activate(mlp, Scaled { values: &mut [0; 4], scale }, Scaled { values: &mut [0; 4], scale });
                activate(mlp, Scaled { values: &mut [], scale }, Scaled { values: &mut [], scale });
            }
        }
    }

    #[test]
    fn tables_reach_far_enough() {
        assert!(1.0 - sigmoid(SIGMOID_END as f64) < 3e-5 && 1.0 - normal(NORMAL_END as f64) < 4e-5);
        assert!((normal(1.3) - normal_by_integration(1.3)).abs() < 1e-9);
        assert!((normal(4.0) - normal_by_integration(4.0)).abs() < 1e-9);
    }
}
