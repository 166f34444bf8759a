// Package budget holds requests to limits: token buckets and calendar quotas, over whole
// numbers that may be tokens, requests or micro-dollars. A request reserves what it may
// cost before it goes upstream, in every limit at once or in none, and settles what it did
// cost when it is over. All state is in a Store of two methods; the clock is an argument,
// in milliseconds since the Unix epoch.
//
// # The promise
//
// No admitted work exceeds a limit: what is reserved and what is settled, together, never
// pass a limit through a reservation. A bucket admits at most its limit at once, and over
// any time at most its limit plus what it refilled in that time; a quota admits at most its
// limit in each of its windows. Only an answer that cost more than was reserved for it
// takes a budget below zero, and nothing is admitted until that is paid.
//
// The promise is for one Store. In a gateway's shared data, that is for one node, all its
// workers included: n nodes can admit n times the limit. And it lasts as long as the Store
// does: restarting Envoy begins all budgets anew, and so does Kong for the pages that it
// evicts from a zone that is too small. Each eviction of a page lets at most one more limit of
// each of its budgets through, also where it happens under a write: Kong's count of a key's
// changes begins anew with it, so that such a write can take the place of others' that came
// after the eviction (TestEvictedUnderAWrite).
//
// # Crashes and errors
//
// A reservation that nobody settles counts as spent until Options.Hold has passed, and is
// given back within a sixteenth of Hold after that. Settling it later than that charges what it
// came to. Every change is one compare-and-set of one page, so a crash between any two of
// them leaves whole budgets, with at most some holds that end by themselves. Whatever
// cannot be read, written or understood is an *Error, never a whole budget, and Stats counts it.
//
// # The clock
//
// One wrong reading must neither hand out a budget twice nor withhold it for long.
//
// A bucket never credits the same time twice: a reading below the highest one credits
// nothing. If it is below by more than Every, then the highest was wrong, or the clock was
// set back, and refill begins again Every after it, which takes back the one bucket that
// any wrong reading can have filled. The highest reading stays known, so that coming back to
// it credits nothing either. A quota remembers two windows, and hands out each once,
// whichever order the clock shows them in. Holds end early on a clock that is ahead by more
// than Hold; what they come to is charged when it is settled.
//
// # Changed limits
//
// A budget is found by its limit's name, its kind (bucket, or the quota's period) and its
// parts. A limit whose name or kind changes is a new limit. Otherwise:
//   - A bucket of another size or speed keeps the part of it that is left: 400 of 1,000
//     become 4,000 of 10,000.
//   - A quota with another limit keeps what was spent, and so may be below zero.
//   - A quota in another zone keeps what was spent in the window that is current.
//
// The old and the new definition may take turns while a gateway drains.
//
// # Memory
//
// The state is in at most 16,384 keys of at most 3,840 bytes: 63 MB, which no client can
// make more. 100,000 budgets, half of them buckets and half quotas, take 4.9 MB of keys and
// values while each has a reservation open and 3.9 MB once all are settled (TestMemory
// prints it); a host adds its own overhead for each key. An account is forgotten when its
// page is full and it says nothing any more: the bucket is full again, the windows are
// over. Where there is none, a new key gets ErrFull; what is spent is not forgotten. So
// clients that can make up identities can use up the room for new ones, and identities
// should rest on headers that the gateway has verified.
package budget
