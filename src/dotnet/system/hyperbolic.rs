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
