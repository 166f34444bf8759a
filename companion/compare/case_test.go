package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

func TestCase(t *testing.T) {
	for _, p := range []one{
		{"How long does a 5 MW plant run?", "How long does a 5 mW plant run?", "unit: MW / mW"},
		{"How fast is 100 Mb?", "How fast is 100 MB?", "unit: MB / Mb"},
		{"download 2Gb", "download 2GB", "unit"},
		{"Why do 5m people fast?", "Why do 5M people fast?", "unit"},
		{"How many MB are 5 Mb?", "How many Mb are 5 MB?", "unit"},
		{"How do I open file A?", "How do I open file a?", "identifier: A / a"},
		{"What does variable x hold?", "What does variable X hold?", "identifier"},
		{"How do I remove Polish letters?", "How do I remove polish letters?", "case of polish"},
		{"Does the Apple store sell cases?", "Does the apple store sell cases?", "case of apple"},
		{"Why did WHO ask Berlin to pay?", "Why did who ask Berlin to pay?", ""},
		{"Where is Reading, in Kent?", "Where is reading, in Kent?", "case of reading"},
	} {
		for _, turned := range [][2]string{{p.a, p.b}, {p.b, p.a}} {
			v := compare.Compare(turned[0], turned[1])
			require.False(t, v.Same, "%q / %q: %s", p.a, p.b, v.Reason)
			require.Contains(t, v.Reason, p.reason)
		}
	}
}

func TestCaseThatSaysNothing(t *testing.T) {
	for _, p := range [][2]string{
		{"How many files fit in 50 mb?", "How many files fit in 50 MB?"},
		{"DOWNLOAD 5 GB OF DATA", "download 5 gb of data"},
		{"A dog bit me, what now?", "a dog bit me, what now?"},
		{"How To Write A Letter", "how to write a letter"},
		{"how do i remove polish letters", "How do I remove Polish letters?"},
		{"How do I sort a list in python?", "How do I sort a list in Python?"},
		{"sort an array in c", "Sort an array in C"},
		{"May I bring my dog?", "may i bring my dog"},
		{"which foods have vitamin c", "Which foods have vitamin C?"},
		{"Who is the president?", "Who is the US president?"},
	} {
		v := compare.Compare(p[0], p[1])
		require.True(t, v.Same, "%q / %q: %s", p[0], p[1], v.Reason)
	}
}
