//! RSA-2048 by aws-lc-rs, the library that the daemon and the simulator sign with.

use anyhow::anyhow;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

use super::{Cores, rounds};
use crate::machine::cores;
use crate::measure::{Plan, median, on_threads};
use crate::progress::Progress;

/// About as long as the text of a signed request.
const MESSAGE: [u8; 320] = [b'x'; 320];

/// Signing and checking, on one core and on all.
pub(super) fn measure(plan: &Plan, progress: &Progress) -> anyhow::Result<(Cores, Cores)> {
    let refused = |what: &str| anyhow!("aws-lc refuses to {what}");
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| refused("make a key"))?;
    let random = SystemRandom::new();
    let sign = || {
        let mut signature = [0; 256];
        key.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature).map(|()| signature)
    };
    let signature = sign().map_err(|_| refused("sign"))?;
    let public = key.public_key().as_der().map_err(|_| refused("write the public key"))?;
    let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref())
        .map_err(|_| refused("read the public key"))?;
    public.verify_sig(&MESSAGE, &signature).map_err(|_| refused("verify its own signature"))?;

    let measured = |name: &str, work: &(dyn Fn() + Sync)| {
        progress.step(&format!("RSA-2048 {name}, one core"));
        let one = rounds(|| Ok(on_threads(1, plan.raw, work).per_second))?;
        progress.step(&format!("RSA-2048 {name}, all cores"));
        let mut cpu_ms = Vec::new();
        let all = rounds(|| {
            let ran = on_threads(cores(), plan.raw, work);
            cpu_ms.push(1000.0 * ran.cpu.as_secs_f64());
            Ok(ran.per_second)
        })?;
        anyhow::Ok(Cores { one, all, cpu_ms: median(&cpu_ms) })
    };
    let signing = measured("signing", &|| {
        let _ = std::hint::black_box(sign());
    })?;
    let checking = measured("checking", &|| {
        let _ = std::hint::black_box(public.verify_sig(&MESSAGE, &signature));
    })?;
    Ok((signing, checking))
}
