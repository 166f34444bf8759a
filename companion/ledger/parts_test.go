package ledger

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// The parts that are known are those of the rows that are kept: also those that a release
// wrote which noted none, and not those that were removed for their age.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	unknown := func(q Query) string {
		t.Helper()
		unknown, known, err := l.Unknown(q)
		require.NoError(t, err)
		return strings.Join(unknown, " ") + " of " + strings.Join(known, " ")
	}
	asked := Query{GroupBy: []string{"team", "identity.model", "day", foldedPart}, Where: map[string]string{"user": "", "provider": "x", "identity.team": "y"}}
	require.Equal(t, "model team user of ", unknown(asked))
	_, err := l.Add([]*Record{
		{ID: "1", Time: noon.AddDate(0, 0, -30), Identity: map[string]string{"user": "u", "team": "a"}, Amounts: Amounts{Requests: 1}},
		{ID: "2", Time: noon, Identity: map[string]string{"team": "a"}, Amounts: Amounts{Requests: 1}},
	}, noon)
	require.NoError(t, err)
	require.Equal(t, "model of team user", unknown(asked))

	require.NoError(t, l.db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(partsBucket) }))
	require.NoError(t, l.Close())
	l = open(t, dir, Options{})
	require.Equal(t, "model of team user", unknown(asked))
	_, err = l.Prune(context.Background(), noon.Add(l.retention).AddDate(0, 0, -1))
	require.NoError(t, err)
	require.Equal(t, "model user of team", unknown(asked))
}

// With more names than are noted nothing is called unknown.
func TestManyParts(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	var batch []*Record
	for i := range mostParts + 5 {
		batch = append(batch, &Record{ID: fmt.Sprint(i), Time: noon, Identity: map[string]string{fmt.Sprint("part", i): "x"}, Amounts: Amounts{Requests: 1}})
	}
	_, err := l.Add(batch, noon)
	require.NoError(t, err)
	unknown, known, err := l.Unknown(Query{GroupBy: []string{"nobody"}})
	require.NoError(t, err)
	require.Empty(t, unknown)
	require.Len(t, known, mostParts)
}
