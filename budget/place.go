package budget

// A store may keep other small things beside the budgets. Where Kong has it they must not
// meet with the pages or with each other, though it finds a key by its CRC-32 alone: so
// places have keys of the pages' own family, which differ from all others within their last
// four bytes.
//
//	key    "sluice/b1/", the kind and three digits to the base of 64
//	value  what is kept, and a checksum of 8 bytes, of the name and of that
//
// Who else writes to the store can still be met, and a read can be torn: that is what the
// checksum is for. What does not fit is somebody else's, and not to be written over.

// PlaceLen is the length of a place's key.
const PlaceLen = pageKeyLen

// PlaceBits is how many bits of n tell places of one kind apart.
const PlaceBits = 18

// Place is the key of the nth place of a kind: a letter that is no hexadecimal digit. Another
// format of what is kept there is another kind.
func Place(kind byte, n uint) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	return pagePrefix + string([]byte{kind, digits[n>>12&63], digits[n>>6&63], digits[n&63]})
}

// Seal is a value as it is kept under a name: a place's key, and behind it what else tells
// whose place it is.
func Seal(name string, value []byte) []byte {
	b := []byte(name + string(value) + "checksum")
	end := len(b) - 8
	putUint64(b[end:], checksum(b[:end]))
	return b[len(name):]
}

// Unseal is the value that was kept under a name, and false for whatever else stands there.
func Unseal(name string, sealed []byte) ([]byte, bool) {
	n := len(sealed) - 8
	if n < 0 || string(Seal(name, sealed[:n])) != string(sealed) {
		return nil, false
	}
	return sealed[:n], true
}
