package labelled

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// ssn follows the Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000.
func ssn(r *rand.Rand) string {
	return pick(r, ssnDashed(r), ssnDashed(r), grouped(ssnBare(r), " ", 3, 2, 4))
}

func ssnDashed(r *rand.Rand) string { return grouped(ssnBare(r), "-", 3, 2, 4) }

func ssnBare(r *rand.Rand) string {
	area := 1 + r.IntN(899)
	if area == 666 {
		area++
	}
	s := padded(area, 3) + between(r, 1, 99, 2) + between(r, 1, 9999, 4)
	if s[:5] == "07805" || s == "219099999" || s == "123456789" { // printed on sample cards
		return ssnBare(r)
	}
	return s
}

func passport(r *rand.Rand) string {
	return pick(r, passportUS, passportGB, passportDE, passportFR, passportIN)(r)
}

func passportUS(r *rand.Rand) string { return pick(r, shaped(r, "5########"), shaped(r, "@########")) }
func passportGB(r *rand.Rand) string { return shaped(r, "5########") }
func passportFR(r *rand.Rand) string { return shaped(r, "##@@#####") }

// passportIN has no Q, X or Z in front, and no 0 after it.
func passportIN(r *rand.Rand) string {
	return pick(r, "J", "K", "M", "P", "R") + between(r, 1, 9, 1) + shaped(r, "######")
}

// passportDE is nine of the characters that German documents use, with the check digit of ICAO 9303 behind it or not.
func passportDE(r *rand.Rand) string {
	s := pick(r, "C", "F", "G", "H", "J", "K") + chars(r, 8, digits+"CFGHJKLMNPRTVWXYZ")
	if !strings.ContainsAny(s[1:], digits) {
		s = s[:3] + "04" + s[5:]
	}
	return pick(r, s, s+icaoDigit(s))
}

// machineReadable is the zone of a passport: two lines of 44 characters with five check digits (ICAO 9303, part 4).
func machineReadable(r *rand.Rand) string {
	country := pick(r, "UTO", "D<<", "GBR", "USA", "FRA", "ESP", "ITA")
	pad := func(s string, n int) string { return s + strings.Repeat("<", n-len(s)) }
	name := strings.ToUpper(pick(r, lastNames...) + "<<" + pick(r, firstNames...) + pick(r, "", "<"+pick(r, firstNames...)))
	number := pad(shaped(r, pick(r, "@########", "#########", "##@@#####")), 9)
	number += icaoDigit(number)
	d := born(r)
	birth := d.short() + d.m(2) + d.d(2)
	birth += icaoDigit(birth)
	expiry := between(r, 27, 36, 2) + between(r, 1, 12, 2) + between(r, 1, 28, 2)
	expiry += icaoDigit(expiry)
	personal := strings.Repeat("<", 14)
	personal += pick(r, icaoDigit(personal), "<")
	all := number + birth + expiry + personal
	return pad("P<"+country+name, 44) + "\n" + number + country + birth + pick(r, "F", "M", "<") + expiry + personal + icaoDigit(all)
}

func icaoDigit(s string) string {
	sum := 0
	for i := range len(s) {
		v := 0
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			v = int(c - '0')
		case c >= 'A' && c <= 'Z':
			v = int(c-'A') + 10
		}
		sum += v * []int{7, 3, 1}[i%3]
	}
	return strconv.Itoa(sum % 10)
}

const spanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func idES(r *rand.Rand) string {
	n := 1_000_000 + r.IntN(98_000_000)
	if r.IntN(3) > 0 {
		letter := string(spanishLetters[n%23])
		return pick(r, padded(n, 8)+letter, padded(n, 8)+"-"+letter)
	}
	first, n := r.IntN(3), n%10_000_000
	return "XYZ"[first:first+1] + padded(n, 7) + string(spanishLetters[(first*10_000_000+n)%23])
}

// idIT is a codice fiscale: six letters of names, the date of birth, a municipality, and a letter that checks them.
func idIT(r *rand.Rand) string {
	const consonants = "BCDFGLMNPRSTVZ"
	s := chars(r, 6, consonants) + shaped(r, "##") + chars(r, 1, "ABCDEHLMPRST") + between(r, 1, 28, 2) + chars(r, 1, "ABCDEFGHIL") + between(r, 1, 999, 3)
	odd := map[byte]int{'0': 1, '1': 0, '2': 5, '3': 7, '4': 9, '5': 13, '6': 15, '7': 17, '8': 19, '9': 21, 'A': 1, 'B': 0, 'C': 5, 'D': 7, 'E': 9, 'F': 13,
		'G': 15, 'H': 17, 'I': 19, 'J': 21, 'K': 2, 'L': 4, 'M': 18, 'N': 20, 'O': 11, 'P': 3, 'Q': 6, 'R': 8, 'S': 12, 'T': 14, 'U': 16, 'V': 10, 'W': 22, 'X': 25, 'Y': 24, 'Z': 23}
	sum := 0
	for i := range len(s) {
		switch c := s[i]; {
		case i%2 == 0:
			sum += odd[c]
		case c >= 'A':
			sum += int(c - 'A')
		default:
			sum += int(c - '0')
		}
	}
	return s + string(uppers[sum%26])
}

func idFR(r *rand.Rand) string {
	s := pick(r, "1", "2") + shaped(r, "##") + between(r, 1, 12, 2) + between(r, 1, 95, 2) + between(r, 1, 899, 3) + between(r, 1, 999, 3)
	if s[5:7] == "20" { // Corsica writes 2A and 2B
		s = s[:5] + "21" + s[7:]
	}
	n, _ := strconv.ParseInt(s, 10, 64)
	s += padded(int(97-n%97), 2)
	return pick(r, s, grouped(s, " ", 1, 2, 2, 2, 3, 3, 2))
}

func idBR(r *rand.Rand) string {
	s := shaped(r, "#########")
	for range 2 {
		sum := 0
		for i := range len(s) {
			sum += int(s[i]-'0') * (len(s) + 1 - i)
		}
		s += padded(sum*10%11%10, 1)
	}
	return pick(r, s[:3]+"."+s[3:6]+"."+s[6:9]+"-"+s[9:], s[:3]+"."+s[3:6]+"."+s[6:9]+"-"+s[9:], s)
}

func idPL(r *rand.Rand) string {
	d := born(r)
	month := d.month
	if d.year >= 2000 {
		month += 20
	}
	s := d.short() + padded(month, 2) + d.d(2) + shaped(r, "####")
	return s + padded((10-weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10, 1)
}

// idDE is a Steuer-Identifikationsnummer: of its first ten digits one comes twice and one never; the last is ISO 7064's MOD 11, 10.
func idDE(r *rand.Rand) string {
	order := r.Perm(10)
	order[9] = order[r.IntN(8)]
	if order[0] == 0 {
		return idDE(r)
	}
	product, s := 10, ""
	for _, d := range order {
		s += padded(d, 1)
		sum := (d + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	s += padded((11-product)%10, 1)
	return pick(r, s, grouped(s, " ", 2, 3))
}

func idNHS(r *rand.Rand) string {
	s := pick(r, "4", "6", "7") + shaped(r, "########")
	check := 11 - weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check == 10 {
		return idNHS(r)
	}
	s += padded(check%11, 1)
	return pick(r, grouped(s, " ", 3, 3, 4), grouped(s, " ", 3, 3, 4), grouped(s, "-", 3, 3, 4), s)
}

// idNINO has no check digit; some letters and pairs are never given out.
func idNINO(r *rand.Rand) string {
	s := pick(r, "AB", "CE", "JG", "PW", "SR", "HT") + shaped(r, "######") + chars(r, 1, "ABCD")
	return pick(r, s, grouped(s, " ", 2))
}

// idAadhaar ends in Verhoeff's check digit.
func idAadhaar(r *rand.Rand) string {
	s := between(r, 2, 9, 1) + shaped(r, "##########")
	s += verhoeffDigit(s)
	return pick(r, grouped(s, " ", 4), grouped(s, " ", 4), grouped(s, "-", 4), s)
}

// verhoeffDigit computes in the dihedral group of order ten: numbers under five turn, the others turn and mirror.
func verhoeffDigit(s string) string {
	times := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b-5)%5
		case b < 5:
			return 5 + (a-5-b+5)%5
		default:
			return (a - b + 5) % 5
		}
	}
	permute := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	check := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		for range (i + 1) % 8 {
			d = permute[d]
		}
		check = times(check, d)
	}
	return padded([10]int{0, 4, 3, 2, 1, 5, 6, 7, 8, 9}[check], 1)
}

func idPAN(r *rand.Rand) string { return shaped(r, "@@@") + "P" + shaped(r, "@####@") }

func idCN(r *rand.Rand) string {
	d := born(r)
	s := pick(r, "110101", "310104", "440305", "330106") + d.y() + d.m(2) + d.d(2) + shaped(r, "###")
	return s + string("10X98765432"[weighted(s, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)%11])
}

func idSE(r *rand.Rand) string {
	d := born(r)
	s := d.short() + d.m(2) + d.d(2) + shaped(r, "###")
	s += luhnDigit(s)
	return pick(r, s[:6]+"-"+s[6:], padded(d.year/100, 2)+s[:6]+"-"+s[6:])
}

func idNL(r *rand.Rand) string {
	s := pick(r, "1", "2") + shaped(r, "#######")
	check := weighted(s, 9, 8, 7, 6, 5, 4, 3, 2) % 11
	if check == 10 {
		return idNL(r)
	}
	return s + padded(check, 1)
}

func idJP(r *rand.Rand) string {
	s := between(r, 1, 9, 1) + shaped(r, "##########")
	check := 11 - weighted(s, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	if check >= 10 {
		check = 0
	}
	s += padded(check, 1)
	return pick(r, s, grouped(s, " ", 4), grouped(s, "-", 4))
}

func idFI(r *rand.Rand) string {
	d := born(r)
	century := "-"
	if d.year >= 2000 {
		century = "A"
	}
	serial := between(r, 2, 899, 3)
	n, _ := strconv.Atoi(d.d(2) + d.m(2) + d.short() + serial)
	return d.d(2) + d.m(2) + d.short() + century + serial + string("0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31])
}

func idBE(r *rand.Rand) string {
	d := born(r)
	s := d.short() + d.m(2) + d.d(2) + between(r, 1, 997, 3)
	n, _ := strconv.Atoi(s)
	if d.year >= 2000 {
		n += 2_000_000_000
	}
	check := padded(97-n%97, 2)
	return pick(r, s[:2]+"."+s[2:4]+"."+s[4:6]+"-"+s[6:]+"."+check, s+check)
}

func idCH(r *rand.Rand) string {
	s := "756" + shaped(r, "#########")
	s += eanDigit(s)
	return pick(r, s[:3]+"."+s[3:7]+"."+s[7:11]+"."+s[11:], s[:3]+"."+s[3:7]+"."+s[7:11]+"."+s[11:], s)
}

func idKR(r *rand.Rand) string {
	d := born(r)
	sex := 1 + r.IntN(2)
	if d.year >= 2000 {
		sex += 2
	}
	s := d.short() + d.m(2) + d.d(2) + padded(sex, 1) + between(r, 0, 95, 2) + shaped(r, "###")
	check := (11 - weighted(s, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11) % 10
	return s[:6] + "-" + s[6:] + padded(check, 1)
}

func idCA(r *rand.Rand) string {
	s := pick(r, "1", "4", "5", "7") + shaped(r, "#######")
	s += luhnDigit(s)
	return pick(r, grouped(s, " ", 3), grouped(s, "-", 3))
}
