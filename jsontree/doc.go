// Package jsontree reads a whole JSON text into a flat tree of its values, each with
// its place in the text, for what has to be rebuilt in another shape: a request or an
// answer that is translated from one API to another. What is long in such texts is
// strings, and a string that is the same in both shapes is copied as it was written,
// escapes and all, without being decoded.
//
//	v, err := jsontree.Parse(body)
//	for _, message := range v.Get("messages").Elements() {
//		if message.Get("role").Is("system") {
//			out = append(out, message.Get("content").Raw()...)
//		}
//	}
//
// A Value is a place in a tree and costs nothing to pass around. The zero Value is a
// value that is absent: every method may be called on it, and Get on anything that has
// no such member returns it, so that a path is walked without a check at each step.
//
// # What is accepted
//
// RFC 8259, as package jsonscan reads it, with three differences. Of two members with
// one name the first is found; text that is not UTF-8 is passed on as it is; and what
// is too deep or has too many values is refused, since a tree takes room: see
// [MaxDepth] and [MaxValues]. Where two readings of one text must not be possible,
// jsonscan has to have read it before.
//
// Time is linear in the text, and memory is 24 bytes for each of its values.
package jsontree
