package policy

import (
	"strconv"
	"time"
)

// Written is a duration as people write it in a policy, to the millisecond: `1h`, `1m30s`,
// `250ms`.
func Written(d time.Duration) string {
	ms := d.Milliseconds()
	if ms == 0 {
		return "0s"
	}
	text := ""
	for _, unit := range [...]struct {
		ms   int64
		name string
	}{{3600_000, "h"}, {60_000, "m"}, {1000, "s"}, {1, "ms"}} {
		if n := ms / unit.ms; n > 0 {
			text += strconv.FormatInt(n, 10) + unit.name
			ms -= n * unit.ms
		}
	}
	return text
}
