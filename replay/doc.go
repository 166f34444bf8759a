// Package replay applies a policy to requests that are over, from their decision records:
// what it would have refused, and what it would have cost.
//
//	in := replay.Input{}
//	in.Read("records.jsonl", file)
//	report, err := replay.Run(policy, &in, replay.Options{})
//
// Requests come again in the order of time, through the gateway's own code (package gateway):
// each reserves at its record's time and settles when it ended, over budgets that begin
// whole. A record has no prompt. What needs one is told of captured requests alone, and of
// records by what the guards found then; the report says what cannot be told.
package replay
