package labelled

import (
	"math/rand/v2"
	"strconv"
)

var (
	monthsEN = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	monthsDE = []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	monthsFR = []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	monthsES = []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
)

type day struct{ year, month, day int }

func born(r *rand.Rand) day { return day{1938 + r.IntN(70), 1 + r.IntN(12), 1 + r.IntN(28)} }

func (d day) y() string            { return strconv.Itoa(d.year) }
func (d day) m(w int) string       { return padded(d.month, w) }
func (d day) d(w int) string       { return padded(d.day, w) }
func (d day) short() string        { return padded(d.year%100, 2) }
func (d day) of(m []string) string { return m[d.month-1] }

// birthDate has a spelling that stands in any language.
func birthDate(r *rand.Rand) string { return pick(r, dateISO, dateEU, dateUS)(r) }

func dateISO(r *rand.Rand) string {
	d := born(r)
	return d.y() + "-" + d.m(2) + "-" + d.d(2)
}

func dateUS(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.m(2)+"/"+d.d(2)+"/"+d.y(), d.m(1)+"/"+d.d(1)+"/"+d.y(), d.m(2)+"-"+d.d(2)+"-"+d.y(), d.m(2)+"/"+d.d(2)+"/"+d.short())
}

func dateEU(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.d(2)+"."+d.m(2)+"."+d.y(), d.d(1)+"."+d.m(1)+"."+d.y(), d.d(2)+"/"+d.m(2)+"/"+d.y(), d.d(2)+"-"+d.m(2)+"-"+d.y())
}

func dateEnglish(r *rand.Rand) string {
	d := born(r)
	m := d.of(monthsEN)
	return pick(r, d.d(1)+" "+m+" "+d.y(), m+" "+d.d(1)+", "+d.y(), d.d(2)+" "+m[:3]+" "+d.y(), m[:3]+" "+d.d(1)+", "+d.y(), d.d(2)+"-"+m[:3]+"-"+d.y())
}

func dateGerman(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.d(1)+". "+d.of(monthsDE)+" "+d.y(), d.d(2)+"."+d.m(2)+"."+d.y(), d.d(1)+"."+d.m(1)+"."+d.y())
}

func dateFrench(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.d(1)+" "+d.of(monthsFR)+" "+d.y(), d.d(2)+"/"+d.m(2)+"/"+d.y())
}

func dateSpanish(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.d(1)+" de "+d.of(monthsES)+" de "+d.y(), d.d(2)+"/"+d.m(2)+"/"+d.y())
}

func dateJapanese(r *rand.Rand) string {
	d := born(r)
	return pick(r, d.y()+"年"+d.m(1)+"月"+d.d(1)+"日", d.y()+"/"+d.m(2)+"/"+d.d(2))
}
