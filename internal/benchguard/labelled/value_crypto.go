package labelled

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strings"
)

func crypto(r *rand.Rand) string { return pick(r, bitcoin, bitcoin, ethereum)(r) }

// bitcoin is an address of one of the four kinds in use: two with Base58Check, BIP 173's and BIP 350's.
func bitcoin(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return base58Check(0x00, randomBytes(r, 20))
	case 1:
		return base58Check(0x05, randomBytes(r, 20))
	case 2:
		return segwit(0, randomBytes(r, 20))
	default:
		return segwit(1, randomBytes(r, 32))
	}
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func base58Check(version byte, payload []byte) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	b := append([]byte{version}, payload...)
	once := sha256.Sum256(b)
	twice := sha256.Sum256(once[:])
	b = append(b, twice[:4]...)
	n, digit, s := new(big.Int).SetBytes(b), new(big.Int), ""
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), digit)
		s = alphabet[digit.Int64():digit.Int64()+1] + s
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		s = "1" + s
	}
	return s
}

func segwit(version int, program []byte) string {
	values := []int{version}
	bitsHeld, held := 0, 0
	for _, b := range program { // eight bits to five
		held = held<<8 | int(b)
		for bitsHeld += 8; bitsHeld >= 5; bitsHeld -= 5 {
			values = append(values, held>>(bitsHeld-5)&31)
		}
	}
	if bitsHeld > 0 {
		values = append(values, held<<(5-bitsHeld)&31)
	}
	constant := uint32(1)
	if version > 0 {
		constant = 0x2bc830a3
	}
	const prefix = "bc"
	whole := []int{3, 3, 0, 2, 3} // "bc", high bits, zero, low bits
	whole = append(append(whole, values...), 0, 0, 0, 0, 0, 0)
	sum := bech32Sum(whole) ^ constant
	for i := range 6 {
		values = append(values, int(sum>>(5*(5-i))&31))
	}
	var b strings.Builder
	b.WriteString(prefix + "1")
	for _, v := range values {
		b.WriteByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[v])
	}
	return b.String()
}

func bech32Sum(values []int) uint32 {
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}

// ethereum is an address in EIP-55's spelling, where letters' case is the checksum, or all lower case.
func ethereum(r *rand.Rand) string {
	s := []byte(hex.EncodeToString(randomBytes(r, 20)))
	if r.IntN(3) > 0 {
		sum := keccak256(s)
		for i, c := range s {
			if c >= 'a' && sum[i/2]>>(4*(1-i%2))&8 != 0 {
				s[i] = c - 32
			}
		}
	}
	return "0x" + string(s)
}

// keccak256 is the original Keccak, whose padding differs from that of SHA-3 in the standard library. The message is under 136 bytes.
func keccak256(message []byte) []byte {
	block := make([]byte, 136)
	copy(block, message)
	block[len(message)] = 0x01
	block[135] |= 0x80
	var a [25]uint64
	for i := range 17 {
		a[i] = binary.LittleEndian.Uint64(block[8*i:])
	}
	lfsr := byte(1)
	for range 24 {
		var c [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for i := range 25 { // theta
			a[i] ^= c[(i+4)%5] ^ bits.RotateLeft64(c[(i+1)%5], 1)
		}
		x, y, lane := 1, 0, a[1] // rho and pi
		for t := range 24 {
			x, y = y, (2*x+3*y)%5
			a[x+5*y], lane = bits.RotateLeft64(lane, (t+1)*(t+2)/2%64), a[x+5*y]
		}
		for y := 0; y < 25; y += 5 { // chi
			row := [5]uint64(a[y : y+5])
			for x := range 5 {
				a[y+x] = row[x] ^ ^row[(x+1)%5]&row[(x+2)%5]
			}
		}
		for j := range 7 { // iota
			if lfsr&1 == 1 {
				a[0] ^= 1 << (1<<j - 1)
			}
			if lfsr&0x80 != 0 {
				lfsr = lfsr<<1 ^ 0x71
			} else {
				lfsr <<= 1
			}
		}
	}
	sum := make([]byte, 32)
	for i := range 4 {
		binary.LittleEndian.PutUint64(sum[8*i:], a[i])
	}
	return sum
}
