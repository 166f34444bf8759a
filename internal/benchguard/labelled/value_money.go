package labelled

import (
	"math/big"
	"math/rand/v2"
	"strings"
)

// Issuers' ranges, as each publishes them: how a number begins and how long it is.
var cards = map[string]struct {
	begins []string
	length int
}{
	"visa":         {[]string{"4111", "4539", "4012", "4929", "4716"}, 16},
	"mastercard":   {[]string{"5105", "5555", "5200", "5431"}, 16},
	"mastercard_2": {[]string{"2221", "2223", "2500", "2720"}, 16},
	"amex":         {[]string{"3782", "3714", "3400"}, 15},
	"discover":     {[]string{"6011", "6500", "6445"}, 16},
	"diners":       {[]string{"3056", "3800", "3600"}, 14},
	"jcb":          {[]string{"3530", "3566", "3589"}, 16},
	"unionpay":     {[]string{"6200", "6212", "6250"}, 16},
	"maestro":      {[]string{"6759", "5018", "6304"}, 16},
}

func card(r *rand.Rand) string {
	return cardOf(pick(r, "visa", "visa", "mastercard", "mastercard", "mastercard_2", "amex", "discover", "diners", "jcb", "unionpay", "maestro"))(r)
}

func cardOf(issuer string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		c := cards[issuer]
		s := pick(r, c.begins...)
		s += chars(r, c.length-1-len(s), digits)
		s += luhnDigit(s)
		separator := pick(r, "", "", " ", " ", "-")
		if c.length < 16 { // 4-6-5 of American Express and 4-6-4 of Diners
			return grouped(s, separator, 4, 6, 5)
		}
		return grouped(s, separator, 4)
	}
}

// luhnDigit completes a number so that Luhn's sum is a multiple of ten.
func luhnDigit(s string) string {
	return padded((10-luhnSum(s+"0")%10)%10, 1)
}

func luhnSum(s string) int {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// Shapes of account numbers from the SWIFT registry of IBANs, after country and check digits.
var ibans = map[string]string{
	"DE": "##################", "GB": "@@@@##############", "FR": "####################" + "###", "ES": "####################",
	"IT": "@######################", "NL": "@@@@##########", "CH": "#################", "AT": "################", "BE": "############",
	"PL": "########################", "PT": "#####################", "SE": "####################", "DK": "##############", "NO": "###########",
	"FI": "##############", "IE": "@@@@##############", "LU": "################", "CZ": "####################", "GR": "#######################",
	"AE": "###################", "SA": "####################", "BR": "#######################@#", "TR": "######" + "################", "MT": "@@@@#######################",
}

func iban(r *rand.Rand) string {
	return ibanOf(pick(r, "DE", "DE", "GB", "FR", "ES", "IT", "NL", "CH", "AT", "BE", "PL", "PT", "SE", "DK", "NO", "FI", "IE", "LU", "CZ", "GR", "AE", "SA", "BR", "TR", "MT"))(r)
}

func ibanOf(country string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		s := ibanFor(r, country)
		return pick(r, s, grouped(s, " ", 4), grouped(s, " ", 4))
	}
}

func ibanPlain(r *rand.Rand) string { return ibanFor(r, pick(r, "DE", "GB", "FR", "NL", "ES")) }

func ibanFor(r *rand.Rand, country string) string {
	account := shaped(r, ibans[country])
	return country + padded(98-ibanRest(account+country+"00"), 2) + account
}

// ibanRest is the number that ISO 13616 makes of the characters, modulo 97.
func ibanRest(s string) int {
	var n strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= 'A' {
			n.WriteString(padded(int(c-'A')+10, 2))
		} else {
			n.WriteByte(c)
		}
	}
	whole, _ := new(big.Int).SetString(n.String(), 10)
	return int(new(big.Int).Mod(whole, big.NewInt(97)).Int64())
}
