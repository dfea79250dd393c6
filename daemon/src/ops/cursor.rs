//! Opaque cursors: where a page or the feed goes on. They name rows and carry no secret; what they hold may change.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluice_core::time::Timestamp;
use tonic::Status;

/// The most rows of a page, and how many there are if nothing is asked for.
const MAX_PAGE: u32 = 500;
const PAGE: u32 = 100;

/// How many rows a page has.
pub(super) fn page_size(asked: u32) -> u32 {
    if asked == 0 { PAGE } else { asked.min(MAX_PAGE) }
}

/// A page's rows and the cursor of the next one, of rows that were read with one more than fit.
pub(super) fn page<T>(mut rows: Vec<T>, size: u32, key: impl Fn(&T) -> String) -> (Vec<T>, String) {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if rows.len() <= size {
        return (rows, String::new());
    }
    rows.truncate(size);
    let next = rows.last().map(|row| encode(PAGE_TAG, &key(row))).unwrap_or_default();
    (rows, next)
}

/// The key after which a page begins; `None` for the first page.
pub(super) fn page_key(cursor: &str) -> Result<Option<String>, Status> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let key = decode(PAGE_TAG, cursor);
    key.map(Some).ok_or_else(|| {
        Status::invalid_argument("cursor: not one that this API gave; leave it empty to begin anew")
    })
}

/// A place in the feed: after the event with this number. The event's time tells a database from another one, or from
/// its own older copy, where the same number is another event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FeedCursor {
    pub(super) seq: i64,
    pub(super) at: Timestamp,
}

impl FeedCursor {
    pub(super) fn encode(self) -> String {
        encode(FEED_TAG, &format!("{}:{}", self.seq, self.at.millis()))
    }

    /// `None`: not one of ours.
    pub(super) fn decode(cursor: &str) -> Option<Self> {
        let text = decode(FEED_TAG, cursor)?;
        let (seq, at) = text.split_once(':')?;
        Some(Self { seq: seq.parse().ok()?, at: Timestamp(at.parse().ok()?) })
    }
}

/// Kind and version, so that a cursor of another kind is not taken for one.
const PAGE_TAG: &str = "p1:";
const FEED_TAG: &str = "f1:";

fn encode(tag: &str, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{tag}{text}"))
}

fn decode(tag: &str, cursor: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(tag).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_cursor_only_if_there_is_more() {
        let key = |n: &i32| n.to_string();
        assert_eq!(page(vec![1, 2], 2, key), (vec![1, 2], String::new()));
        let (rows, next) = page(vec![1, 2, 3], 2, key);
        assert_eq!((rows, page_key(&next).unwrap().as_deref()), (vec![1, 2], Some("2")));
        assert_eq!(page_key("").unwrap(), None);
        assert_eq!((page_size(0), page_size(7), page_size(u32::MAX)), (100, 7, 500));
    }

    #[test]
    fn cursors_of_another_kind_are_refused() {
        let feed = FeedCursor { seq: 7, at: Timestamp(-1) };
        assert_eq!(FeedCursor::decode(&feed.encode()), Some(feed));
        assert!(page_key(&feed.encode()).is_err());
        let (_, page_cursor) = page(vec!["7:1", "x"], 1, |s| (*s).to_owned());
        for bad in ["", "x", "%%%", "ZjE6", page_cursor.as_str()] {
            assert_eq!(FeedCursor::decode(bad), None, "{bad}");
        }
    }
}
