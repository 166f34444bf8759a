package labelled

import (
	"math/rand/v2"
	"strings"
)

// What looks like personal data or a secret and is neither.

func uuid(r *rand.Rand) string {
	s := chars(r, 12, lowerHex) + "4" + chars(r, 3, lowerHex) + chars(r, 1, "89ab") + chars(r, 15, lowerHex)
	return pick(r, grouped(s, "-", 8, 4, 4, 4, 12), grouped(s, "-", 8, 4, 4, 4, 12), strings.ToUpper(grouped(s, "-", 8, 4, 4, 4, 12)))
}

func isbn13(r *rand.Rand) string {
	s := pick(r, "978", "979") + shaped(r, "#########")
	s += eanDigit(s)
	return pick(r, s, grouped(s, "-", 3, 1, 4, 4, 1), grouped(s, "-", 3, 2, 5, 2, 1), grouped(s, " ", 3, 1, 3, 5, 1))
}

func isbn10(r *rand.Rand) string {
	s := pick(r, "0", "1", "3") + shaped(r, "########")
	check := (11 - weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11
	s += "0123456789X"[check : check+1]
	return pick(r, s, grouped(s, "-", 1, 3, 5, 1))
}

func eanDigit(s string) string {
	return padded((10-weighted(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)%10)%10, 1)
}

// ean13 often begins as cards do, and one in ten passes Luhn's sum too: an article is one all the same.
func ean13(r *rand.Rand) string {
	s := pick(r, "400", "401", "482", "560", "639", "871") + shaped(r, "#########")
	return s + eanDigit(s)
}

// badCard fails Luhn's sum: one that passes is no different from a card.
func badCard(r *rand.Rand) string {
	for {
		s := shaped(r, pick(r, "4### #### #### ####", "4###############", "51##-####-####-####", "3782 ###### #####", "5425############"))
		if luhnSum(strings.NewReplacer("-", "", " ", "").Replace(s))%10 != 0 {
			return s
		}
	}
}

func number16(r *rand.Rand) string {
	return shaped(r, pick(r, "1###############", "9###############", "7###############"))
}

func badIBAN(r *rand.Rand) string {
	s := ibanFor(r, pick(r, "DE", "GB", "FR", "ES", "NL"))
	last := s[len(s)-1]
	s = s[:len(s)-1] + string(digits[(last-'0'+1+byte(r.IntN(8)))%10])
	return pick(r, s, grouped(s, " ", 4))
}

func badIP(r *rand.Rand) string {
	return pick(r, between(r, 256, 999, 1)+"."+between(r, 1, 255, 1)+"."+between(r, 1, 255, 1)+".7", "10.4."+between(r, 300, 999, 1)+".12", "1.2.3.4.5."+between(r, 1, 9, 1))
}

func orderNumber(r *rand.Rand) string {
	return pick(r, shaped(r, "######"), shaped(r, "#######"), shaped(r, "1##-#######-#######"), shaped(r, "ORD-20##-#####"), shaped(r, "@@-######"), shaped(r, "#-####-##"), shaped(r, "10############"), shaped(r, "3##-#######-#######"))
}

func invoiceNumber(r *rand.Rand) string {
	return pick(r, shaped(r, "INV-202#-####"), shaped(r, "RE202#######"), shaped(r, "202#/####"), shaped(r, "F-0#####"), shaped(r, "INV0########"))
}

func tracking(r *rand.Rand) string {
	return pick(r, "1Z"+chars(r, 6, digits+uppers)+shaped(r, "##########"), shaped(r, "94001############"+"#####"), shaped(r, "R@#########DE"), shaped(r, "0034043#############"), shaped(r, "JD01#############"))
}

func version(r *rand.Rand) string {
	return between(r, 0, 29, 1) + "." + between(r, 0, 40, 1) + "." + between(r, 0, 99, 1) + pick(r, "", "", "-rc."+between(r, 1, 4, 1), "+build."+between(r, 100, 999, 1))
}

// version4 has four parts, as Windows, Chrome and .NET have them: an address for who does not read the words around.
func version4(r *rand.Rand) string {
	return between(r, 1, 12, 1) + "." + between(r, 0, 30, 1) + "." + between(r, 0, 250, 1) + "." + between(r, 0, 250, 1)
}

// packageVersion follows a product's name, and no word says what it is. It is in no network of RFC 1918: nobody could tell
// "apache 10.1.2.3", a host, from one.
func packageVersion(r *rand.Rand) string {
	return between(r, 1, 9, 1) + "." + between(r, 0, 20, 1) + "." + between(r, 0, 30, 1) + "." + between(r, 0, 60, 1)
}

// decimal is what probabilities, embeddings and coordinates are: digits behind a point that could be a phone's or a card's.
func decimal(r *rand.Rand) string {
	sign := pick(r, "", "", "-", "+")
	fraction := pick(r, "", "0", "0", "00") + chars(r, 6+r.IntN(13), digits)
	return sign + pick(r, "0", "0", "0", between(r, 1, 9, 1), between(r, 10, 179, 1)) + "." + fraction + pick(r, "", "", "", "e-0"+chars(r, 1, digits), "e+"+chars(r, 2, digits))
}

// vector is some dimensions of an embedding, as JSON, CSV or NumPy print it.
func vector(r *rand.Rand) string {
	var parts []string
	for range 8 + r.IntN(24) {
		parts = append(parts, decimal(r))
	}
	separator := pick(r, ", ", ",", " ", "  ", ";")
	return pick(r, "[", "(", "array([") + strings.Join(parts, separator) + pick(r, "]", ")", "])")
}

// largeNumber has its digits in threes.
func largeNumber(r *rand.Rand) string {
	return grouped(chars(r, 1, "3456")+chars(r, 3*(3+r.IntN(4))-1, digits), pick(r, " ", ",", "."), 3)
}

func awsARN(r *rand.Rand) string {
	return "arn:aws:" + pick(r, "lambda:us-east-1:", "sqs:eu-west-1:", "iam::") + chars(r, 1, "3456") + shaped(r, "###########") + pick(r, ":function:", ":", ":role/") + pick(r, "resize", "queue", "reader", "jobs", "ingest")
}

func price(r *rand.Rand) string {
	n, c := between(r, 1, 9999, 1), shaped(r, "##")
	return pick(r, "$"+n+"."+c, "€"+n+","+c, n+","+c+" €", "USD 1,"+shaped(r, "###.##"), "£"+n+"."+c, "R$ 1."+shaped(r, "###,##"), "¥"+n+"00", "1.250.000,00 EUR")
}

func epoch(r *rand.Rand) string       { return "17" + shaped(r, "########") }
func epochMillis(r *rand.Rand) string { return "17" + shaped(r, "###########") }

func timestamp(r *rand.Rand) string {
	d := day{2021 + r.IntN(5), 1 + r.IntN(12), 1 + r.IntN(28)}
	at := between(r, 0, 23, 2) + ":" + between(r, 0, 59, 2) + ":" + between(r, 0, 59, 2)
	return pick(r, d.y()+"-"+d.m(2)+"-"+d.d(2)+"T"+at+"Z", d.y()+"-"+d.m(2)+"-"+d.d(2)+" "+at+","+shaped(r, "###"), d.y()+"-"+d.m(2)+"-"+d.d(2)+"T"+at+"."+shaped(r, "######")+"+02:00",
		d.d(2)+"/"+d.of(monthsEN)[:3]+"/"+d.y()+":"+at+" +0000", d.y()+d.m(2)+d.d(2)+strings.ReplaceAll(at, ":", ""))
}

// anyDate is a date of which nothing says that somebody was born.
func anyDate(r *rand.Rand) string {
	d := day{2015 + r.IntN(12), 1 + r.IntN(12), 1 + r.IntN(28)}
	return pick(r, d.y()+"-"+d.m(2)+"-"+d.d(2), d.d(2)+"."+d.m(2)+"."+d.y(), d.m(2)+"/"+d.d(2)+"/"+d.y(), d.d(1)+" "+d.of(monthsEN)+" "+d.y(), d.of(monthsEN)[:3]+" "+d.d(1)+", "+d.y())
}

func coordinates(r *rand.Rand) string {
	a, b := between(r, 1, 89, 1)+"."+shaped(r, "######"), between(r, 1, 179, 1)+"."+shaped(r, "######")
	return pick(r, a+", "+b, a+",-"+b, "lat="+a+"&lng="+b, a+"° N, "+b+"° W")
}

// image is the beginning of a PNG and base64 after it.
func image(r *rand.Rand) string {
	return pick(r, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA", "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/") + chars(r, 200+r.IntN(600), base64Chars) + "="
}

func partNumber(r *rand.Rand) string {
	return pick(r, shaped(r, "555-####-##"), shaped(r, "@@-###-####-@"), shaped(r, "###-####-0##-#"), shaped(r, "@###.###.###.##"), shaped(r, "0##-#####-0#/@"), shaped(r, "@@@###-####"))
}

func objectIdentifier(r *rand.Rand) string {
	return pick(r, "1.3.6.1.4.1.", "1.2.840.113549.1.1.", "2.5.29.") + between(r, 1, 99, 1)
}

func quantity(r *rand.Rand) string {
	return pick(r, between(r, 1, 999, 1)+" ms", between(r, 1, 99, 1)+"."+shaped(r, "##")+" GB", shaped(r, "1,###,###"), between(r, 1, 99, 1)+"%", shaped(r, "1 ### ###"), shaped(r, "0.########"), shaped(r, "3.14159#####"), shaped(r, "2#####")+" rows")
}

func integrity(r *rand.Rand) string {
	return pick(r, "sha512-"+chars(r, 86, base64Chars)+"==", "sha256-"+chars(r, 43, base64Chars)+"=", "sha256:"+chars(r, 64, lowerHex), "h1:"+chars(r, 43, base64Chars)+"=")
}

func zip4(r *rand.Rand) string { return shaped(r, "9####-####") }

// placeholder is what examples and templates write in place of a secret.
func placeholder(r *rand.Rand) string {
	return pick(r, "YOUR_API_KEY", "your-token-here", "<YOUR_TOKEN>", "xxxxxxxxxxxxxxxxxxxx", "****************", "${API_TOKEN}", "$SECRET_KEY", "{{ .Values.token }}", "{{token}}",
		"changeme", "REDACTED", "[REDACTED]", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "<secret>", "...", "None", "null", "example-key", "%API_KEY%", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "AKIAXXXXXXXXXXXXXXXX",
		"os.environ['API_KEY']", "process.env.API_KEY", "insert-your-key-here", "sk-...", "••••••••")
}
