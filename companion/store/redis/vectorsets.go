package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

// vectorSets finds entries by the vector sets of Redis 8. Each scope has a set of its own
// for each space, so that no search can even see another scope's vectors:
//
//	sluice_cache:1:v:<space>:<scope>   elements are keys, with {"e": expiry in microseconds}
//	sluice_cache:1:expiry              a sorted set of "<set>|<key>" by expiry, for purge
//
// Elements cannot expire and can outlive their entry, which is why what a set proposes is
// looked up and dropped when it leads nowhere.
type vectorSets struct{ client *redis.Client }

const expiry = prefix + "expiry"

// spare is how many more than asked for are looked at, for those that lead nowhere, and
// rounds how often the set is asked again after they were dropped.
const (
	spare  = 8
	rounds = 3
)

func setOf(e *store.Entry) string { return setName(e.Space, len(e.Vector), e.Scope) }

func setName(space string, dimension int, scope store.Key) string {
	return prefix + "v:" + room(space, dimension) + ":" + scope.String()
}

func (v vectorSets) ready(ctx context.Context) error { return v.client.Ping(ctx).Err() }

// put adds the entry's vector, and takes out that of the entry before it if it was in
// another set.
func (v vectorSets) put(ctx context.Context, tx redis.Pipeliner, e *store.Entry) error {
	was, err := v.client.HGet(ctx, hash(e.Key), "set").Result()
	if err != nil && err != redis.Nil {
		return err
	}
	set := setOf(e)
	if was != "" && (was != set || e.Vector == nil) {
		v.drop(ctx, tx, was, e.Key.String())
	}
	if e.Vector == nil {
		return nil
	}
	tx.HSet(ctx, hash(e.Key), "set", set)
	tx.VAddWithArgs(ctx, set, e.Key.String(), &redis.VectorFP32{Val: remote.AppendVector(nil, e.Vector)},
		&redis.VAddArgs{NoQuant: true, SetAttr: fmt.Sprintf(`{"e":%d}`, e.Expires.UnixMicro())})
	tx.ZAdd(ctx, expiry, redis.Z{Score: float64(e.Expires.UnixMicro()), Member: set + "|" + e.Key.String()})
	return nil
}

// drop takes an element out of a set.
func (v vectorSets) drop(ctx context.Context, tx redis.Pipeliner, set, key string) {
	tx.VRem(ctx, set, key)
	tx.ZRem(ctx, expiry, set+"|"+key)
}

func (v vectorSets) nearest(ctx context.Context, q store.Query, now time.Time) ([]*store.Entry, error) {
	set := setName(q.Space, len(q.Vector), q.Scope)
	entries, err := v.client.VCard(ctx, set).Result()
	if err != nil || entries == 0 {
		return nil, err
	}
	arguments := &redis.VSimArgs{Count: int64(q.K + spare), Filter: fmt.Sprintf(".e > %d", now.UnixMicro())}
	if entries <= remote.Exact {
		arguments.Truth = true // compare with every element
	} else {
		arguments.EF = 400
	}
	for round := 1; ; round++ {
		keys, err := v.client.VSimWithArgs(ctx, set, &redis.VectorFP32{Val: remote.AppendVector(nil, q.Vector)}, arguments).Result()
		if err != nil {
			return nil, err
		}
		found, stale, err := v.read(ctx, set, keys)
		if err != nil || len(stale) == 0 {
			return found, err
		}
		tx := v.client.TxPipeline()
		for _, key := range stale {
			v.drop(ctx, tx, set, key)
		}
		if _, err := tx.Exec(ctx); err != nil {
			return nil, err
		}
		if len(found) >= q.K || round == rounds {
			return found, nil
		}
	}
}

// read fetches the entries of elements of a set, and says which of these lead nowhere.
func (v vectorSets) read(ctx context.Context, set string, keys []string) (found []*store.Entry, stale []string, err error) {
	pipe := v.client.Pipeline()
	replies := make([]*redis.SliceCmd, len(keys))
	for i, key := range keys {
		replies[i] = pipe.HMGet(ctx, prefix+"e:"+key, "b", "v", "set")
	}
	if len(keys) > 0 {
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, nil, err
		}
	}
	for i, reply := range replies {
		fields := reply.Val()
		if fields[2] != set {
			stale = append(stale, keys[i])
			continue
		}
		e, err := entry(fields)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, e)
	}
	return found, stale, nil
}

// remove looks at every entry: a vector set cannot be asked for all that a filter selects.
func (v vectorSets) remove(ctx context.Context, f store.Filter) (int, error) {
	removed := 0
	for cursor := uint64(0); ; {
		names, next, err := v.client.Scan(ctx, cursor, prefix+"e:*", page).Result()
		if err != nil {
			return removed, err
		}
		n, err := v.removeOf(ctx, names, f)
		removed += n
		if err != nil || next == 0 {
			return removed, err
		}
		cursor = next
	}
}

func (v vectorSets) removeOf(ctx context.Context, names []string, f store.Filter) (int, error) {
	if len(names) == 0 {
		return 0, nil
	}
	pipe := v.client.Pipeline()
	replies := make([]*redis.SliceCmd, len(names))
	for i, name := range names {
		replies[i] = pipe.HMGet(ctx, name, "scope", "model", "labels", "created", "set")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err
	}
	tx := v.client.TxPipeline()
	var unlinked []*redis.IntCmd
	for i, reply := range replies {
		fields := reply.Val()
		if !selects(f, fields) {
			continue
		}
		unlinked = append(unlinked, tx.Unlink(ctx, names[i]))
		if set, ok := fields[4].(string); ok {
			v.drop(ctx, tx, set, strings.TrimPrefix(names[i], prefix+"e:"))
		}
	}
	if len(unlinked) == 0 {
		return 0, nil
	}
	_, err := tx.Exec(ctx)
	removed := 0
	for _, n := range unlinked {
		removed += int(n.Val())
	}
	return removed, err
}

// selects applies a filter without a key to the fields scope, model, labels and created.
func selects(f store.Filter, fields []any) bool {
	scope, there := fields[0].(string)
	model, _ := fields[1].(string)
	labels, _ := fields[2].(string)
	created, _ := fields[3].(string)
	if !there ||
		f.Scope != nil && scope != word(f.Scope.String()) ||
		f.Model != "" && model != word(remote.Word(f.Model)) {
		return false
	}
	has := strings.Split(labels, ",")
	for _, label := range remote.LabelWords(f.Labels) {
		if !slices.Contains(has, word(label)) {
			return false
		}
	}
	at, err := strconv.ParseInt(created, 10, 64)
	return f.Before.IsZero() || err == nil && at < f.Before.UnixMicro()
}

// entries is unknown: the sets do not know of entries without a vector.
func (v vectorSets) entries(context.Context) (int64, error) { return -1, nil }

// overdue takes the elements out of their sets that are due, as one step, so that none is
// lost that another companion is putting again. A member ends in "|" and 64 digits.
var overdue = redis.NewScript(`
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, member in ipairs(due) do
  redis.call('VREM', string.sub(member, 1, -66), string.sub(member, -64))
  redis.call('ZREM', KEYS[1], member)
end
return #due`)

func (v vectorSets) purge(ctx context.Context) {
	for {
		n, err := overdue.Run(ctx, v.client, []string{expiry}, time.Now().UnixMicro(), remote.PurgeBatch).Int()
		if err != nil || n < remote.PurgeBatch {
			return
		}
	}
}
