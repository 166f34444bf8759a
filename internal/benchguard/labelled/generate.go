package labelled

import (
	"math/rand/v2"
	"strings"
)

// Sentences around the frames of a generated text: they hold nothing to be found.
var around = []string{
	"Thanks for getting back so quickly.",
	"Sorry about the delay, it has been a long week.",
	"We discussed this on Tuesday with the whole team.",
	"Please let me know if anything is missing.",
	"It worked yesterday, and nothing has changed since then.",
	"Summarise the following in three bullet points.",
	"You are a helpful assistant. Answer in plain words.",
	"The rest can wait until the end of the quarter.",
	"Mit freundlichen Grüßen und bis bald.",
	"Merci d'avance pour votre réponse.",
	"Quedo a la espera de su respuesta.",
	"Room 4, second floor, ask at the desk.",
	"About 120 people came, 15 % more than last time.",
	"よろしくお願いいたします。",
	"See section 3 for what we agreed on.",
	"TODO: tidy this up before the release.",
	"The total came to $1,249.50 including tax.",
	"Everything else looks fine to me 🙂.",
}

// generate makes n texts. Every frame has its turn; a text is one to three frames, with sentences around them.
func generate(frames []string, n int, r *rand.Rand) ([]Text, error) {
	texts := make([]Text, 0, n)
	for i := range n {
		parts := []string{frames[i%len(frames)]}
		for r.IntN(5) == 0 && len(parts) < 3 {
			parts = append(parts, frames[r.IntN(len(frames))])
		}
		if r.IntN(2) == 0 {
			parts = append([]string{pick(r, around...)}, parts...)
		}
		if r.IntN(3) == 0 {
			parts = append(parts, pick(r, around...))
		}
		marked := strings.ReplaceAll(strings.Join(parts, pick(r, " ", "\n", "\n\n")), "⏎", "\n")
		t, err := fill(marked, r)
		if err != nil {
			return nil, err
		}
		texts = append(texts, t)
	}
	return texts, nil
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }
