//! Closing an unpaid trade: `alipay.trade.close`.

use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::time::Timestamp;

use super::Alipay;
use super::answer::Unusable;
use super::codes::{Meaning, Op};
use crate::protocol::{EncodeError, HttpRequest, HttpResponse, Lookup};

impl Alipay {
    pub(super) fn encode_close(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_lookup(Op::Close, lookup, now)
    }

    pub(super) fn decode_close(
        &self,
        lookup: &Lookup,
        response: &HttpResponse,
    ) -> Result<Observation, Unusable> {
        let (meaning, answer) = self.read(Op::Close, &lookup.channel_ref, response)?;
        let presence = match meaning {
            Meaning::Done => Presence::Closed,
            // No trade yet, which closes nothing: the code can still be scanned until it expires.
            Meaning::Fact(Presence::NotFound) => Presence::NotFound,
            Meaning::Fact(_) => return Err(answer.unknown(Trouble::ProviderError)),
            Meaning::Refused(trouble) | Meaning::Unknown(trouble) => return Err(answer.unknown(trouble)),
        };
        let channel_order_no = answer.trade_no();
        Ok(Observation { channel_order_no, ..Observation::of(presence, answer.code(), answer.message()) })
    }
}
