// Package pii finds personal data and secrets in text.
package pii
