package build

import (
	"fmt"
	"slices"
)

// The pairs table answers "which token do these two merge into" with one look at one slot: a perfect hash. A key's bucket
// names a pilot, the pilot moves all keys of the bucket to slots that no other key has. A slot is 24 bits: 18 of token and
// 6 of hash, so that nearly every absent pair is seen to be absent without a look at the splits. A free slot holds
// token 256, the first that is merged: its own pair is looked for in its own slot only, so here its split refuses whatever asks.
const (
	keysPerBucket = 4
	pairLoad      = 0.97
	hashMultiply  = 0x9e3779b97f4a7c15 // 2^64 / golden ratio: Fibonacci hashing
	pilotMultiply = 0xd6e8feb86659fd93 // any odd number with well mixed bits
)

// hashPair and placePair are written out again in package tokenizer; the test of the tables holds them equal.
func hashPair(left, right int) uint64 {
	h := (uint64(left) | uint64(right)<<18) * hashMultiply
	return h ^ h>>32
}

func placePair(h uint64, pilot uint16, slots int) (slot int, tag uint32) {
	h = (h ^ uint64(pilot)*pilotMultiply) * hashMultiply
	return int((h >> 32) * uint64(slots) >> 32), uint32(h>>26) & 63
}

// Pairs builds the pilots (16 bits each) and the slots of the perfect hash.
func Pairs(v *Vocabulary, splits []Split) (pilots, slots []byte, err error) {
	var keys []uint64
	var ids []int
	for id, s := range splits {
		if s.Left != id {
			keys, ids = append(keys, hashPair(s.Left, s.Right)), append(ids, id)
		}
	}
	bucketCount := (len(keys) + keysPerBucket - 1) / keysPerBucket
	slotCount := int(float64(len(keys)) / pairLoad)
	buckets := make([][]int, bucketCount)
	for i, h := range keys {
		b := uint64(uint32(h)) * uint64(bucketCount) >> 32
		buckets[b] = append(buckets[b], i)
	}
	order := make([]int, bucketCount)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(buckets[b]) - len(buckets[a]) })
	taken := make([]bool, slotCount)
	pilots, slots = make([]byte, 2*bucketCount), make([]byte, 3*slotCount+1) // one more: slots are read as 32 bits
	for i := 0; i < 3*slotCount; i += 3 {
		slots[i+1] = 256 >> 8
	}
	var spots []int
	for _, b := range order {
		pilot := 0
	search:
		for ; ; pilot++ {
			if pilot == 1<<16 {
				return nil, nil, fmt.Errorf("%s: no pilot for a bucket of %d keys", v.Name, len(buckets[b]))
			}
			spots = spots[:0]
			for _, i := range buckets[b] {
				spot, _ := placePair(keys[i], uint16(pilot), slotCount)
				if taken[spot] || slices.Contains(spots, spot) {
					continue search
				}
				spots = append(spots, spot)
			}
			break
		}
		pilots[2*b], pilots[2*b+1] = byte(pilot), byte(pilot>>8)
		for n, i := range buckets[b] {
			_, tag := placePair(keys[i], uint16(pilot), slotCount)
			entry := uint32(ids[i]) | tag<<18
			taken[spots[n]] = true
			slots[3*spots[n]], slots[3*spots[n]+1], slots[3*spots[n]+2] = byte(entry), byte(entry>>8), byte(entry>>16)
		}
	}
	return pilots, slots, nil
}

// SplitTable packs the splits: five bytes a token, the left part in the low 18 bits and the right part in the next 18.
// Three bytes more at the end: the last is read as 64 bits.
func SplitTable(splits []Split) []byte {
	out := make([]byte, 0, 5*len(splits)+3)
	for _, s := range splits {
		packed := uint64(s.Left) | uint64(s.Right)<<18
		out = append(out, byte(packed), byte(packed>>8), byte(packed>>16), byte(packed>>24), byte(packed>>32))
	}
	return append(out, 0, 0, 0)
}
