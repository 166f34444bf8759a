// Package mock is a model provider that costs nothing and fails on demand. It speaks
// the HTTP APIs of OpenAI and Anthropic well enough for their own client libraries,
// streams at a pace, counts tokens with the same tokenizer as the gateway, remembers
// what it was asked and what it would have billed, and breaks answers in every way a
// script asks for.
//
//	server, err := mock.Start(mock.Options{Script: `
//	rules:
//	  - match: {model: gpt-4o*, every: 3}
//	    fault: {cut: {after_events: 4, how: reset}}
//	`})
//	defer server.Close()
//	… client with base URL server.URL() …
//	server.Requests(); server.Usage()
//
// The life of a request is Server.ServeHTTP (server.go): record it, find its rule
// (match.go), build the answer (answer.go, then one file per API), send it the way the
// rule's faults say (deliver.go, wire.go), write down what it cost (record.go). The
// script's format is in script.go and, for users, in docs/mock.md.
package mock
