package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

type Mismatch struct{}

func Check(schema, value jsontree.Value) *Mismatch { return nil }
