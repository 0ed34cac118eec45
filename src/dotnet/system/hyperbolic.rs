//! Inverse hyperbolic functions, to the last bit as the C library behind .NET Core on Linux gives them.
//!
//! In: a double. Out: a double. Rust's own are built otherwise and differ in the last place, or overflow early.

/// ln 2.
const LN_2: f64 = std::f64::consts::LN_2;
/// Below this, the function is its argument.
const TINY: f64 = 1.0 / (1u64 << 28) as f64;
/// Above this, one under the root counts for nothing.
const LARGE: f64 = (1u64 << 28) as f64;

pub fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if !x.is_finite() || size < TINY {
        return x;
    }
    let value = if size > LARGE {
        size.ln() + LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size)).ln()
    } else {
        let square = size * size;
        (size + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    value.copysign(x)
}

/// The cube root: a guess by a polynomial of the mantissa, then one step of Halley's iteration.
pub fn cbrt(x: f64) -> f64 {
    const GUESS: [f64; 7] = [
        0.354_895_765_043_919_84,
        1.508_191_937_815_849,
        -2.114_994_941_673_713,
        2.446_931_225_635_344_4,
        -1.834_692_774_836_130_8,
        0.784_932_344_976_639_2,
        -0.145_263_899_385_486_37,
    ];
    const ROOT: f64 = 1.259_921_049_894_873_2;
    const SQUARED: f64 = 1.587_401_051_968_199_6;
    const FACTORS: [f64; 5] = [1.0 / SQUARED, 1.0 / ROOT, 1.0, ROOT, SQUARED];
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    // |x| = mantissa × 2^exponent, the mantissa from a half to one.
    let (mut size, mut exponent) = (x.abs(), 0i32);
    if size < f64::MIN_POSITIVE {
        size *= (1u64 << 54) as f64;
        exponent = -54;
    }
    let bits = size.to_bits();
    exponent += (bits >> 52) as i32 - 1022;
    let mantissa = f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52);
    let guess = GUESS.iter().rev().fold(0.0, |sum, &c| sum * mantissa + c);
    let cube = guess * guess * guess;
    let root = guess * (cube + 2.0 * mantissa) / (2.0 * cube + mantissa) * FACTORS[(2 + exponent % 3) as usize];
    let scale = f64::from_bits(((exponent / 3 + 1023) as u64) << 52);
    (root * scale).copysign(x)
}

pub fn acosh(x: f64) -> f64 {
    if x < 1.0 || x.is_nan() {
        f64::NAN
    } else if x >= LARGE {
        if x.is_infinite() { x } else { x.ln() + LN_2 }
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let over = x - 1.0;
        (over + (2.0 * over + over * over).sqrt()).ln_1p()
    }
}

pub fn atanh(x: f64) -> f64 {
    let size = x.abs();
    if size > 1.0 || x.is_nan() {
        return f64::NAN;
    }
    if size < TINY {
        return x;
    }
    let value = if size < 0.5 {
        let twice = size + size;
        0.5 * (twice + twice * size / (1.0 - size)).ln_1p()
    } else {
        0.5 * ((size + size) / (1.0 - size)).ln_1p()
    };
    value.copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What .NET Core 3.1 gives.
    #[test]
    fn gives_the_last_bit() {
        for (found, expected) in [
            (asinh(1e200), 461.2101657793691),
            (asinh(4.35), 2.1762804139489296),
            (asinh(f64::MAX), 710.4758600739439),
            (acosh(1e9), 21.416413017506354),
            (acosh(1e300), 691.4686750787736),
            (atanh(-0.99), -2.6466524123622457),
        ] {
            assert_eq!(found, expected);
        }
    }
}
