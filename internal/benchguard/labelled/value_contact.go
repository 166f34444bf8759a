package labelled

import (
	"math/rand/v2"
	"strings"
)

var (
	firstNames = []string{"mara", "jonas", "priya", "lucas", "aiko", "tomasz", "chiara", "diego", "nadia", "wei", "hanna", "omar", "elif", "sven", "grace"}
	lastNames  = []string{"okafor", "lindqvist", "moreau", "castell", "tanaka", "brandt", "ferro", "silva", "kowal", "marsh", "iyer", "novak", "reid", "duarte"}
	// Names that RFC 2606 keeps free, and some that were made up.
	domains = []string{"example.com", "example.org", "example.net", "mail.example.com", "sales.example.co.uk", "brightwell-labs.io", "nordkontor.de",
		"atelier-moreau.fr", "casaverde.com.br", "studio-ferro.it", "kaiyo-shop.co.jp", "ops.example.info", "quillfox.dev", "uni.example.edu", "tresrios.es", "x-y.example.museum"}
)

func email(r *rand.Rand) string {
	first, last := pick(r, firstNames...), pick(r, lastNames...)
	local := pick(r, first+"."+last, first, first[:1]+last, first+"_"+last, first+last+between(r, 1, 99, 1), first+"."+last+"+"+pick(r, "news", "shop", "2024"),
		first+"-"+last, strings.ToUpper(first[:1])+first[1:]+"."+strings.ToUpper(last[:1])+last[1:], last+"."+first[:1], "billing", "support-eu")
	return local + "@" + pick(r, domains...)
}

func phone(r *rand.Rand) string {
	return pick(r, phoneUS, phoneGB, phoneDE, phoneFR, phoneES, phoneIT, phoneIN, phoneBR, phoneJP, phoneElsewhere)(r)
}

// phoneBare has no separators and no country: only the words around it tell what it is.
func phoneBare(r *rand.Rand) string {
	return pick(r,
		areaUS(r)+exchangeUS(r)+shaped(r, "####"),
		"07"+pick(r, "700900", "911123", "400555")+shaped(r, "###"),
		"0171"+shaped(r, "39200##"),
		"06"+shaped(r, "3998####"),
		pick(r, "6", "7")+shaped(r, "########"),
		"3"+pick(r, "20", "33", "47", "91")+shaped(r, "#######"),
		pick(r, "98", "70", "81")+shaped(r, "########"),
		"119"+shaped(r, "########"),
		"090"+shaped(r, "########"))
}

func areaUS(r *rand.Rand) string {
	return pick(r, "212", "415", "312", "206", "617", "303", "404", "512", "702", "919", "646", "213")
}

// exchangeUS is often 555, of which 0100 to 0199 are kept for fiction.
func exchangeUS(r *rand.Rand) string { return pick(r, "555", "555", "234", "867", "438", "962") }

func phoneUS(r *rand.Rand) string {
	a, x, n := areaUS(r), exchangeUS(r), shaped(r, "01##")
	if x != "555" {
		n = shaped(r, "####")
	}
	return pick(r, "("+a+") "+x+"-"+n, a+"-"+x+"-"+n, a+"."+x+"."+n, "+1 "+a+" "+x+" "+n, "+1-"+a+"-"+x+"-"+n, "+1"+a+x+n, "1-"+a+"-"+x+"-"+n,
		"+1 ("+a+") "+x+"-"+n, a+" "+x+" "+n, "("+a+")"+x+"-"+n)
}

// Ofcom keeps 020 7946 0xxx, 0121 496 0xxx, 0131 496 0xxx and 07700 900xxx free.
func phoneGB(r *rand.Rand) string {
	n := shaped(r, "###")
	mobile := pick(r, "7700 900", "7911 123", "7400 555")
	return pick(r, "020 7946 0"+n, "+44 20 7946 0"+n, "+44 (0)20 7946 0"+n, "0121 496 0"+n, "(0131) 496 0"+n, "0"+mobile+n, "+44 "+mobile+n,
		"+44"+strings.ReplaceAll(mobile, " ", "")+n, "0044 20 7946 0"+n, "0161-496-0"+n)
}

// The Bundesnetzagentur keeps 030 23125xxx, 040 66969xxx and 0171 39200xx free.
func phoneDE(r *rand.Rand) string {
	n, m := shaped(r, "###"), shaped(r, "##")
	return pick(r, "030 23125"+n, "030/23125"+n, "(030) 23125 "+n, "+49 30 23125"+n, "+49 30 23125-"+n, "+49 (0)30 23125"+n, "040-66969"+n,
		"0171 39200"+m, "0171/39200"+m, "+49 171 39200"+m, "0049 171 39200"+m, "+4917139200"+m)
}

// Arcep keeps 01 99 00 xx xx, 02 61 91 xx xx and 06 39 98 xx xx free.
func phoneFR(r *rand.Rand) string {
	a, b := shaped(r, "##"), shaped(r, "##")
	head := pick(r, "6 39 98", "2 61 91", "1 42 68", "7 81 32")
	return pick(r, "0"+head+" "+a+" "+b, strings.ReplaceAll("0"+head+" "+a+" "+b, " ", "."), "+33 "+head+" "+a+" "+b, "+33 (0)"+head+" "+a+" "+b,
		"+33"+strings.ReplaceAll(head, " ", "")+a+b, "0033 "+head+" "+a+" "+b, strings.ReplaceAll("0"+head+" "+a+" "+b, " ", "-"))
}

func phoneES(r *rand.Rand) string {
	m, f := pick(r, "612", "655", "699", "722"), pick(r, "91", "93", "95")
	return pick(r, m+shaped(r, " ### ###"), m+shaped(r, " ## ## ##"), f+shaped(r, " ### ## ##"), "+34 "+m+shaped(r, " ### ###"), "+34 "+f+shaped(r, " ### ## ##"),
		"+34"+m+shaped(r, "######"), "0034 "+m+shaped(r, " ### ###"), m+shaped(r, "-###-###"))
}

func phoneIT(r *rand.Rand) string {
	m := pick(r, "320", "333", "347", "391")
	return pick(r, m+shaped(r, " ### ####"), m+shaped(r, "-#######"), "+39 "+m+shaped(r, " ### ####"), "+39 06 "+shaped(r, "6982 ####"), "02 "+shaped(r, "7200 ####"),
		"06-"+shaped(r, "6982####"), "+39"+m+shaped(r, "#######"), "055/"+shaped(r, "23####"))
}

func phoneIN(r *rand.Rand) string {
	m := pick(r, "98", "70", "81", "93")
	return pick(r, "+91 "+m+shaped(r, "### #####"), "+91-"+m+shaped(r, "########"), m+shaped(r, "### #####"), m+shaped(r, "###-#####"), "+91"+m+shaped(r, "########"),
		"022-2"+shaped(r, "### ####"), "+91 22 2"+shaped(r, "### ####"), "0"+m+shaped(r, "### #####"), "080 4"+shaped(r, "### ####"))
}

func phoneBR(r *rand.Rand) string {
	a := pick(r, "11", "21", "31", "71")
	return pick(r, "("+a+") 9"+shaped(r, "####-####"), "+55 "+a+" 9"+shaped(r, "####-####"), a+" 9"+shaped(r, "####-####"), "("+a+") 3"+shaped(r, "###-####"),
		"+55 ("+a+") 9"+shaped(r, "####-####"), "+55"+a+"9"+shaped(r, "########"), "(0"+a+") 9"+shaped(r, "####-####"))
}

func phoneJP(r *rand.Rand) string {
	return pick(r, "03-"+shaped(r, "5###-####"), "06-"+shaped(r, "6###-####"), "090-"+shaped(r, "1###-####"), "080-"+shaped(r, "5###-####"),
		"+81 90 "+shaped(r, "1### ####"), "+81-3-"+shaped(r, "5###-####"), "+81 3 "+shaped(r, "5### ####"), "+8190"+shaped(r, "1#######"), "045-"+shaped(r, "2##-####"))
}

// phoneElsewhere is international, of countries whose national forms nobody promised to know. Australia keeps 5550 and 491 570 free.
func phoneElsewhere(r *rand.Rand) string {
	return pick(r, "+61 2 5550 "+shaped(r, "####"), "+61 491 570 "+pick(r, "006", "156", "157"), "+41 44 668 "+shaped(r, "## ##"), "+31 20 794 "+shaped(r, "####"),
		"+46 8 465 004 "+shaped(r, "##"), "+48 22 621 "+shaped(r, "## ##"), "+82 10-"+shaped(r, "3###-####"), "+86 138 "+shaped(r, "0013 ####"), "+52 55 5"+shaped(r, "### ####"),
		"+27 21 418 "+shaped(r, "####"), "+65 6"+shaped(r, "### ####"), "+32 2 512 "+shaped(r, "## ##"), "+351 91 "+shaped(r, "### ####"), "+353 20 913 "+shaped(r, "####"),
		"+43 1 514 "+shaped(r, "## ##"), "+4144668"+shaped(r, "####"))
}
