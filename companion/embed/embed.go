// Package embed turns texts into vectors that are near one another where the texts mean
// alike. What is near proposes an answer; it never decides.
package embed

import "context"

// Embedder makes vectors. It may be called from many goroutines at once.
type Embedder interface {
	// Embed returns one vector for each text, in their order, of unit length, or an
	// error and none.
	Embed(ctx context.Context, texts []string) ([]Vector, error)
	// Space names what made the vectors, such as "minilm-l6-v2/256": vectors of two
	// spaces are never compared.
	Space() string
}

// Vector is a text's.
type Vector struct {
	Values []float32
	// Cut tells that the text was longer than the model reads, so that the vector stands
	// for its beginning alone.
	Cut bool
}
