package labelled

import (
	"encoding/base64"
	"hash/crc32"
	"math/rand/v2"
	"strings"
)

// Secrets have the forms that vendors publish, so that their own scanners know them. They open nothing: they are random. The
// prefixes are cut in two in this file, lest a scanner of repositories take the program for a leak.

// token is any vendor's whose form tells it from all other text.
func token(r *rand.Rand) string {
	return pick(r, awsKeyID, github, gitlab, slack, stripe, openAI, anthropic, google, npm, pypi, sendGrid, huggingFace, digitalOcean, shopify, vault)(r)
}

func awsKeyID(r *rand.Rand) string { return pick(r, "AK", "AS") + "IA" + chars(r, 16, uppers+"234567") }

// github ends in the CRC-32 of what is between prefix and it, in base 62.
func github(r *rand.Rand) string {
	if r.IntN(4) == 0 {
		return "github" + "_pat_" + chars(r, 22, alnum) + "_" + chars(r, 59, alnum)
	}
	return "gh" + pick(r, "p", "o", "s", "u") + "_" + withChecksum(r)
}

func withChecksum(r *rand.Rand) string {
	s := chars(r, 30, alnum)
	sum, check := crc32.ChecksumIEEE([]byte(s)), ""
	for range 6 {
		check = string(alnum[sum%62]) + check
		sum /= 62
	}
	return s + check
}

func gitlab(r *rand.Rand) string { return "gl" + "pat-" + chars(r, 20, alnum) }

func slack(r *rand.Rand) string {
	return "xox" + pick(r, "b", "p") + "-" + shaped(r, "2##########-3##########-") + chars(r, 24, alnum)
}

// basic is a user and a password as HTTP has them (RFC 7617).
func basic(r *rand.Rand) string {
	return base64.StdEncoding.EncodeToString([]byte(pick(r, firstNames...) + ":" + chars(r, 13, alnum)))
}

func mailgun(r *rand.Rand) string { return "ke" + "y-" + chars(r, 32, lowerHex) }

func discordWebhook(r *rand.Rand) string {
	return "discord" + ".com/api/webhooks/1" + shaped(r, "#################") + "/" + chars(r, 68, urlChars[:62])
}

func stripe(r *rand.Rand) string { return pick(r, "sk", "rk") + "_live_" + chars(r, 24, alnum) }

func openAI(r *rand.Rand) string {
	return pick(r, "sk-"+"proj-"+chars(r, 74, urlChars[:62])+"T3Blbk"+"FJ"+chars(r, 74, urlChars[:62]), "sk-"+chars(r, 20, alnum)+"T3Blbk"+"FJ"+chars(r, 20, alnum))
}

func anthropic(r *rand.Rand) string { return "sk-" + "ant-api03-" + chars(r, 93, alnum) + "AA" }
func google(r *rand.Rand) string    { return "AI" + "za" + "Sy" + chars(r, 33, alnum) }
func npm(r *rand.Rand) string       { return "npm" + "_" + withChecksum(r) }
func pypi(r *rand.Rand) string      { return "pypi-" + "AgEIcHlwaS5vcmc" + chars(r, 90, alnum) }

func sendGrid(r *rand.Rand) string {
	return "S" + "G." + chars(r, 22, alnum) + "." + chars(r, 43, alnum)
}

func huggingFace(r *rand.Rand) string  { return "h" + "f_" + chars(r, 34, uppers+lowers) }
func digitalOcean(r *rand.Rand) string { return "dop" + "_v1_" + chars(r, 64, lowerHex) }
func shopify(r *rand.Rand) string      { return "shp" + "at_" + chars(r, 32, lowerHex) }
func vault(r *rand.Rand) string        { return "hv" + "s." + chars(r, 90, alnum) }
func twilio(r *rand.Rand) string       { return "S" + "K" + chars(r, 32, lowerHex) }
func azureStorage(r *rand.Rand) string { return chars(r, 86, base64Chars) + "==" }

func telegram(r *rand.Rand) string { return shaped(r, "5#########") + ":AA" + chars(r, 33, alnum) }

// jwt is a signed token: header and claims are JSON, so both begin with eyJ.
func jwt(r *rand.Rand) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"`+pick(r, "HS256", "RS256", "ES256")+`","typ":"JWT"}`)) + "." +
		part([]byte(`{"sub":"`+shaped(r, "##########")+`","iat":`+epoch(r)+`}`)) + "." + chars(r, 43, alnum)
}

// privateKey is the frame of a PEM block around random bytes.
func privateKey(r *rand.Rand) string {
	label := pick(r, "RSA ", "EC ", "OPENSSH ", "") + "PRIVATE" + " KEY"
	body := chars(r, 64*(3+r.IntN(8))+40, base64Chars) + "=="
	return "-----BEGIN " + label + "-----\n" + grouped(body, "\n", 64) + "\n-----END " + label + "-----"
}

// password is what a generator of passwords makes; no form tells it, only its name does.
func password(r *rand.Rand) string {
	n := 12 + r.IntN(10)
	s := chars(r, n, alnum+"!%*+-_^~") + pick(r, "9", "7", "K", "w")
	if !strings.ContainsAny(s, digits) || !strings.ContainsAny(s, lowers) || !strings.ContainsAny(s, uppers) || strings.ContainsAny(s[:1], "!%*+-_^~") {
		return password(r)
	}
	return s
}
