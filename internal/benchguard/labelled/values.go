package labelled

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// generators make values, by the names that marks use. A name with a country or a vendor makes that one's; one without makes any.
var generators = map[string]func(*rand.Rand) string{
	"email": email,

	"phone": phone, "phone_bare": phoneBare, "phone_intl": phoneElsewhere,
	"phone_us": phoneUS, "phone_gb": phoneGB, "phone_de": phoneDE, "phone_fr": phoneFR, "phone_es": phoneES,
	"phone_it": phoneIT, "phone_in": phoneIN, "phone_br": phoneBR, "phone_jp": phoneJP,

	"card": card, "visa": cardOf("visa"), "mastercard": cardOf("mastercard"), "mastercard_2": cardOf("mastercard_2"),
	"amex": cardOf("amex"), "discover": cardOf("discover"), "diners": cardOf("diners"), "jcb": cardOf("jcb"),
	"unionpay": cardOf("unionpay"), "maestro": cardOf("maestro"),
	"iban": iban, "iban_plain": ibanPlain,
	"iban_de": ibanOf("DE"), "iban_gb": ibanOf("GB"), "iban_fr": ibanOf("FR"), "iban_es": ibanOf("ES"), "iban_it": ibanOf("IT"), "iban_nl": ibanOf("NL"),
	"crypto": crypto, "btc": bitcoin, "eth": ethereum,

	"ip": ip, "ipv4": ipv4, "ipv6": ipv6, "mac": mac,

	"ssn": ssn, "ssn_bare": ssnBare, "ssn_dashed": ssnDashed,
	"birth": birthDate, "birth_en": dateEnglish, "birth_us": dateUS, "birth_eu": dateEU, "birth_de": dateGerman, "birth_fr": dateFrench,
	"birth_es": dateSpanish, "birth_jp": dateJapanese, "birth_iso": dateISO,
	"passport": passport, "passport_us": passportUS, "passport_gb": passportGB, "passport_de": passportDE, "passport_fr": passportFR,
	"passport_in": passportIN, "mrz": machineReadable,
	"id_es": idES, "id_it": idIT, "id_fr": idFR, "id_br": idBR, "id_pl": idPL, "id_de": idDE, "id_gb_nhs": idNHS, "id_gb_nino": idNINO,
	"id_in": idAadhaar, "id_in_pan": idPAN, "id_cn": idCN, "id_se": idSE, "id_nl": idNL, "id_jp": idJP, "id_fi": idFI, "id_be": idBE,
	"id_ch": idCH, "id_kr": idKR, "id_ca": idCA,

	"url_password": func(r *rand.Rand) string { return chars(r, 18, alnum) },
	"token":        token, "jwt": jwt, "private_key": privateKey, "password": password, "hex_secret": hexOf(32), "base64_secret": base64Of(40),
	"aws_id": awsKeyID, "aws_secret": base64Of(40), "github": github, "gitlab": gitlab, "slack": slack, "stripe": stripe, "openai": openAI,
	"anthropic": anthropic, "google": google, "npm": npm, "pypi": pypi, "sendgrid": sendGrid, "huggingface": huggingFace,
	"digitalocean": digitalOcean, "shopify": shopify, "telegram": telegram, "vault": vault, "azure_storage": azureStorage, "twilio": twilio,
	"basic": basic, "mailgun": mailgun, "discord_webhook": discordWebhook,

	"uuid": uuid, "md5": hexOf(32), "sha1": hexOf(40), "sha256": hexOf(64), "commit": hexOf(7), "isbn13": isbn13, "isbn10": isbn10, "ean": ean13,
	"order": orderNumber, "invoice": invoiceNumber, "tracking": tracking, "version": version, "version4": version4, "price": price,
	"epoch": epoch, "epoch_ms": epochMillis, "timestamp": timestamp, "date": anyDate, "coordinates": coordinates, "image": image,
	"part": partNumber, "bad_card": badCard, "bad_iban": badIBAN, "number16": number16, "object_id": hexOf(24), "trace": hexOf(32),
	"oid": objectIdentifier, "quantity": quantity, "integrity": integrity, "placeholder": placeholder, "bad_ip": badIP, "zip4": zip4,
	"decimal": decimal, "vector": vector, "large": largeNumber, "arn": awsARN, "package_version": packageVersion,
}

// Generators gives the names, in order.
func Generators() []string { return slices.Sorted(maps.Keys(generators)) }

const (
	digits      = "0123456789"
	lowers      = "abcdefghijklmnopqrstuvwxyz"
	uppers      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnum       = digits + uppers + lowers
	lowerHex    = "0123456789abcdef"
	base64Chars = alnum + "+/"
	urlChars    = alnum + "-_"
)

// chars gives n random characters of a set.
func chars(r *rand.Rand, n int, of string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = of[r.IntN(len(of))]
	}
	return string(b)
}

// shaped gives a random string: # is a digit, @ a capital, everything else itself.
func shaped(r *rand.Rand, shape string) string {
	b := []byte(shape)
	for i, c := range b {
		switch c {
		case '#':
			b[i] = digits[r.IntN(10)]
		case '@':
			b[i] = uppers[r.IntN(26)]
		}
	}
	return string(b)
}

// between gives a number of min to max, both included, as decimal digits of at least width.
func between(r *rand.Rand, min, max, width int) string {
	return padded(min+r.IntN(max-min+1), width)
}

func padded(n, width int) string {
	s := ""
	for ; n > 0 || s == ""; n /= 10 {
		s = string(digits[n%10]) + s
	}
	return strings.Repeat("0", max(0, width-len(s))) + s
}

// grouped puts a separator between groups of the given lengths; the last length repeats.
func grouped(s, separator string, lengths ...int) string {
	var parts []string
	for i := 0; s != ""; i++ {
		n := min(lengths[min(i, len(lengths)-1)], len(s))
		parts = append(parts, s[:n])
		s = s[n:]
	}
	return strings.Join(parts, separator)
}

func hexOf(n int) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return chars(r, n, lowerHex) }
}

func base64Of(n int) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return chars(r, n, base64Chars) }
}

// weighted is the weighted sum of the digits of s; the last weight repeats.
func weighted(s string, weights ...int) int {
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * weights[min(i, len(weights)-1)]
	}
	return sum
}
