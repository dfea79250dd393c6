//! Apps' rules, parsed once. What is cached is the work, never the rules that count: every request reads their version.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_core::risk::{InForce, InvalidRules, Rules};

/// Entries before the cache is emptied: far more than apps with rules that are busy at once.
const CAPACITY: usize = 10_000;

/// Parsed documents by app.
#[derive(Default)]
pub(crate) struct RulesInForce {
    /// Of apps without rules.
    none: Arc<InForce>,
    parsed: Mutex<HashMap<String, Arc<InForce>>>,
}

impl RulesInForce {
    /// An app's rules from the version and the document that were read.
    ///
    /// # Errors
    /// The stored document is not readable. An app must not do without its rules because of that.
    pub(crate) fn of(
        &self,
        client_id: &str,
        stored: Option<(i64, &str)>,
    ) -> Result<Arc<InForce>, InvalidRules> {
        let Some((version, document)) = stored else { return Ok(self.none.clone()) };
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = parsed.get(client_id).filter(|known| known.version == version) {
            return Ok(known.clone());
        }
        let rules = Rules::from_json(document)?;
        let in_force = Arc::new(InForce { version, rules });
        if parsed.len() >= CAPACITY {
            parsed.clear();
        }
        parsed.insert(client_id.to_owned(), in_force.clone());
        Ok(in_force)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_was_read_counts() {
        let rules = RulesInForce::default();
        let min = |stored| rules.of("app_1", stored).map(|r| (r.version, r.rules.trade.user_daily_count));
        assert_eq!(min(None), Ok((0, None)));
        assert_eq!(min(Some((1, r#"{"trade": {"user_daily_count": 1}}"#))), Ok((1, Some(1))));
        assert_eq!(min(Some((2, "{}"))), Ok((2, None)));
        assert!(min(Some((3, r#"{"trade": 1}"#))).is_err(), "never taken for no rules");
        assert!(Arc::ptr_eq(&rules.of("app_2", None).unwrap(), &rules.of("app_3", None).unwrap()));
    }
}
