//! Access passwords (接入密码): one per app and order type, part of every signature, never transmitted.

use std::fmt;

use zeroize::Zeroizing;

/// The fewest guesses, as a power of ten, that a merchant's own password must withstand.
pub const MIN_GUESSES_LOG10: f64 = 22.0;

/// How many former passwords may not be used again.
pub const REMEMBERED: usize = 10;

/// An access password in clear. Never shown by `Debug`, wiped when dropped.
#[derive(Clone)]
pub struct AccessPassword(Zeroizing<String>);

impl AccessPassword {
    /// `spw_` and 32 characters of base32, from 160 random bits.
    pub fn generate(random: &[u8; 20]) -> Self {
        let text = data_encoding::BASE32_NOPAD.encode(random).to_lowercase();
        Self(Zeroizing::new(format!("spw_{text}")))
    }

    /// A password that was accepted before, as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A password of the merchant's choice.
    ///
    /// # Errors
    /// Too short, too long, not visible ASCII, or too easy to guess.
    pub fn chosen(text: String) -> Result<Self, WeakPassword> {
        let text = Zeroizing::new(text);
        if !(24..=128).contains(&text.len()) {
            return Err(WeakPassword::Length);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(WeakPassword::Characters);
        }
        if guesses_log10(&text) < MIN_GUESSES_LOG10 {
            return Err(WeakPassword::Guessable);
        }
        Ok(Self(text))
    }

    /// The clear text, for the binding and for encryption only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessPassword(…)")
    }
}

/// zxcvbn's estimate of the guesses that a text withstands, as a power of ten.
///
/// The crate counts in 64 bits and stops at 10^19.3. A text that reaches the stop is looked at in two parts, whose
/// powers add up; the weakest of several cuts counts, so that a cut through a word gives nothing away.
fn guesses_log10(text: &str) -> f64 {
    let part = |part: &str| zxcvbn::zxcvbn(part, &[]).guesses_log10();
    if zxcvbn::zxcvbn(text, &[]).guesses() < u64::MAX {
        return part(text);
    }
    (2..=6)
        .filter_map(|eighths| text.split_at_checked(text.len() * eighths / 8))
        .map(|(left, right)| part(left) + part(right))
        .fold(f64::INFINITY, f64::min)
}

/// Why a password of the merchant's choice is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Not 24 to 128 characters.
    #[error("a password has 24 to 128 characters")]
    Length,
    /// Something else than visible ASCII.
    #[error("a password has visible ASCII characters only")]
    Characters,
    /// zxcvbn finds it within 10^22 guesses.
    #[error("the password is too easy to guess")]
    Guessable,
    /// Equal to one of the app's other passwords, or to one of the last ten.
    #[error("the password is in use, or was used before")]
    Reused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_merchant_may_choose() {
        for (text, want) in [
            ("kX9#vQ2m!Lw7@Rt4$Zp8^Nb3", Ok(())),
            ("spw_q5x7w2m4k6j3h5g7f2d4s6a3p5o7i2u4", Ok(())),
            ("short", Err(WeakPassword::Length)),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa", Err(WeakPassword::Guessable)),
            ("passwordpasswordpasswordpassword", Err(WeakPassword::Guessable)),
            ("correct horse battery staple!", Err(WeakPassword::Characters)),
            ("correct-horse-battery-staple", Err(WeakPassword::Guessable)),
            ("123456789012345678901234567890", Err(WeakPassword::Guessable)),
            ("kX9#vQ2m!Lw7kX9#vQ2m!Lw7kX9#vQ2m!Lw7", Err(WeakPassword::Guessable)),
            ("qwertyuiopasdfghjklzxcvbnm123", Err(WeakPassword::Guessable)),
            ("kX9#vQ2m!Lw7@Rt4 Zp8^Nb3", Err(WeakPassword::Characters)),
            ("密码密码密码密码密码密码", Err(WeakPassword::Characters)),
        ] {
            assert_eq!(AccessPassword::chosen(text.to_owned()).map(|_| ()), want, "{text}");
        }
    }

    #[test]
    fn a_generated_password_is_never_shown_and_passes_its_own_rules() {
        let password = AccessPassword::generate(&[7; 20]);
        assert_eq!(format!("{password:?}"), "AccessPassword(…)");
        assert_eq!(password.expose().len(), 36);
        let mixed: [u8; 20] = std::array::from_fn(|i| (i * 73 + 41) as u8);
        assert!(AccessPassword::chosen(AccessPassword::generate(&mixed).expose().to_owned()).is_ok());
    }
}
