// Package route says which of several targets a request tries first, and which next. A
// target is one provider and model that can answer it. The package knows nothing of HTTP,
// of policies or of where states are kept: the time in milliseconds since the Unix epoch,
// random numbers and what is known of the targets are arguments, and values come back.
//
//	for i := range targets {
//		targets[i].State = route.ParseState(shared[i])
//	}
//	for _, i := range route.Order(nil, now, targets, choice) {
//		… try it; then Failed, Succeeded or Limited on its State, and share that
//	}
//
// # Order
//
// Targets that the request does not fit are left out. The others are all tried, in this
// order:
//
//  1. those that are usable, in the order of the strategy; the one that the conversation
//     used last comes first, since its prompt cache may be warm;
//  2. those whose cool-down is over and that have not answered since, which are on trial:
//     one request in [TrialShare] finds such a target among the usable ones, the others
//     find it here, so that a target that is still down costs few requests an attempt;
//  3. those that are cooling down, the one that is back soonest first.
//
// So a cool-down never takes away the last target.
//
// # Latency
//
// The time that is expected of a target is that to its first token and that of each token
// after it, as many as are expected. Both are averages in which a measurement counts half
// as much after [HalfLifeSamples] newer ones or after [HalfLife], whichever comes first.
// What is expected decides, with these exceptions, which are there so that figures exist
// and stay true:
//
//   - A target that was never measured comes first. Of several, each is as likely.
//   - One that was tried without being measured comes last: it failed, or its answers are
//     no streams. Without streams nothing is measured, and the order is the policy's.
//   - A figure is forgotten 8 minutes after a single measurement, 14 after the last of many.
//   - One request in [ExploreShare] goes first to a usable target other than the best;
//     the longer ago one was measured, up to ten minutes, the likelier it is the one.
//
// A target that was slow is found again by those, and one that was down by its trial.
//
// # Health
//
// Failures in a row begin a cool-down, at once if the provider said how long to wait. A
// failure on trial begins the next, twice as long. What fails while a target is cooling
// down was sent before and says nothing new. One answer ends all that. After [Forget]
// without a word a target counts as new, so that where there are few requests the trial
// does not last for ever.
//
// A provider's word that a limit is used up ([State.Limited]) is another thing: it comes
// with a good answer, is no failure, needs no trial, and is not ended by an answer either,
// which was admitted before it.
//
// # Workers
//
// States are shared as bytes ([State.Append], [ParseState]) that any worker may overwrite
// with its own view. A lost update loses one measurement or one failure, and the next
// request makes good for it; nothing is counted up that has to come down again.
//
// # The clock
//
// A cool-down that lies more than twice its length ahead is not believed: the clock was
// wrong when it began, or has been set back. So no reading makes one longer than that. What
// lies ahead otherwise ages as what is past does, so that a wrong reading fades as well.
//
// # Size
//
// What is marked noinline would be in the module once for each place that calls it.
package route
