package ledger

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test's own binary is the process that is killed.
const killedDir = "SLUICE_LEDGER_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

// writeForEver adds batches of ten and says after each how many are in the ledger.
func writeForEver(dir string) {
	l, err := Open(dir, Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for batch := 0; ; batch++ {
		if _, err := l.Add(tenRecords(batch), noon); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(batch)
	}
}

func tenRecords(batch int) []*Record {
	var records []*Record
	for i := range 10 {
		records = append(records, &Record{ID: fmt.Sprint(batch, "-", i), Time: noon.Add(-time.Duration(batch%7) * time.Hour),
			Identity: map[string]string{"team": fmt.Sprint(i)}, Model: "m", Amounts: Amounts{Requests: 1, Input: 3, Cost: 7}})
	}
	return records
}

// Killed at any point, the ledger has every batch that was acknowledged and none by half,
// and sending all of them again makes every one count once.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for round := range 5 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		writer := exec.CommandContext(ctx, os.Args[0])
		writer.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		lines := bufio.NewScanner(out)
		acknowledged := -1
		for lines.Scan() {
			acknowledged, err = strconv.Atoi(lines.Text())
			require.NoError(t, err, lines.Text())
			if acknowledged >= 3*(round+1) {
				break
			}
		}
		require.NoError(t, writer.Process.Kill())
		for lines.Scan() { // what it said before it died
			acknowledged, err = strconv.Atoi(lines.Text())
			require.NoError(t, err)
		}
		writer.Wait()
		cancel()

		l, err := Open(dir, Options{})
		require.NoError(t, err)
		before := total(t, l)
		require.Zero(t, before.Requests%10, "half a batch")
		require.GreaterOrEqual(t, before.Requests, int64(acknowledged+1)*10)
		var again []*Record
		for batch := range acknowledged + 2 {
			again = append(again, tenRecords(batch)...)
		}
		_, err = l.Add(again, noon)
		require.NoError(t, err)
		after := total(t, l)
		want := max(before.Requests, int64(acknowledged+2)*10)
		require.Equal(t, Amounts{Requests: want, Input: 3 * want, Cost: 7 * want}, after)
		require.NoError(t, l.Close())
	}
}

func total(t *testing.T, l *Ledger) Amounts {
	sums, err := l.Usage(context.Background(), Query{From: noon.AddDate(0, 0, -2), To: noon.Add(time.Hour)})
	require.NoError(t, err)
	require.Len(t, sums, 1)
	return sums[0].Amounts
}
