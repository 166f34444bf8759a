package compare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// deeds are verbs that somebody does to somebody: as said now, of the past, and as done.
var deeds = strings.Fields(`owes/owed/owed sues/sued/sued manages/managed/managed beats/beat/beaten lends/lent/lent pays/paid/paid hires/hired/hired fires/fired/fired
	calls/called/called trusts/trusted/trusted sells/sold/sold buys/bought/bought hits/hit/hit bites/bit/bitten kisses/kissed/kissed follows/followed/followed
	blocks/blocked/blocked invites/invited/invited teaches/taught/taught tells/told/told asks/asked/asked helps/helped/helped supports/supported/supported covers/covered/covered
	replaces/replaced/replaced acquires/acquired/acquired controls/controlled/controlled owns/owned/owned funds/funded/funded audits/audited/audited charges/charged/charged
	bills/billed/billed robs/robbed/robbed cheats/cheated/cheated kills/killed/killed chases/chased/chased attacks/attacked/attacked defeats/defeated/defeated
	defends/defended/defended betrays/betrayed/betrayed accuses/accused/accused blames/blamed/blamed praises/praised/praised thanks/thanked/thanked loves/loved/loved
	hates/hated/hated fears/feared/feared admires/admired/admired adopts/adopted/adopted raises/raised/raised feeds/fed/fed trains/trained/trained
	coaches/coached/coached guards/guarded/guarded warns/warned/warned threatens/threatened/threatened insults/insulted/insulted visits/visited/visited
	overtakes/overtook/overtaken outbids/outbid/outbid causes/caused/caused triggers/triggered/triggered extends/extended/extended imports/imported/imported
	includes/included/included contains/contained/contained needs/needed/needed uses/used/used shoots/shot/shot`)

// parties are names, of which many are verbs or things too, and things.
var parties = strings.Fields(`Ann/Bob Bob/Ann Rob/Mark Mark/Sue Sue/Frank Frank/Alice Grant/Ann Pat/Harry Harry/Rose Rose/Hope Hope/Josh Josh/Drew Drew/Jimmy Jimmy/Chase
	Chase/Wade Wade/Pierce Pierce/Skip Skip/Dash Dash/Sprint Sprint/Oracle Oracle/SAP Will/Ann May/Will Bill/Art Art/June Jack/Jill Faith/Joy Dot/Ray Victor/Olga
	Amazon/Apple Target/Shell Visa/Stripe rent/heat dog/cat teacher/student landlord/tenant bank/customer seller/buyer client/server parent/child module/package
	doctor/patient employer/worker cop/thief`)

// Who does something and to whom is told by their places around the verb, whatever the verb
// and whoever they are, and with "by" the other way round.
func TestTradedRoles(t *testing.T) {
	require.GreaterOrEqual(t, len(deeds), 60)
	require.GreaterOrEqual(t, len(parties), 40)
	tried, turned, found := 0, 0, 0
	differ := func(a, b string) {
		for _, p := range [][2]string{{a, b}, {strings.ToLower(a), strings.ToLower(b)}} {
			tried++
			if v := compare.Compare(p[0], p[1]); v.Same {
				t.Errorf("%q / %q: %s", p[0], p[1], v.Reason)
			}
		}
	}
	for i, d := range deeds {
		forms, verb := formsOf(d)
		for k, xy := range parties {
			x, y, _ := strings.Cut(xy, "/")
			if strings.ToLower(x) == x {
				x, y = "the "+x, "the "+y
			}
			frames := []string{"X " + forms[0] + " Y", "X " + forms[1] + " Y. Who won?", "X " + forms[0] + " Y money. Who has to repay?", "If X " + forms[0] + " Y, what should I do?", "Can X " + verb + " Y?", "Did X " + verb + " Y in May?",
				"X was " + forms[2] + " by Y", "Why did X " + verb + " Y?", "X " + forms[1] + " Y. Rewrite this."}
			for n, frame := range frames {
				if (i+k+n)%4 != 0 {
					continue // a quarter of them, each verb with each pair
				}
				say := func(x, y string) string {
					s := strings.NewReplacer("X", x, "Y", y).Replace(frame)
					return strings.ToUpper(s[:1]) + s[1:]
				}
				differ(say(x, y), say(y, x))
			}
			passive := strings.ToUpper(x[:1]) + x[1:] + " was " + forms[2] + " by " + y
			differ(passive, strings.ToUpper(x[:1])+x[1:]+" "+forms[1]+" "+y)
			turned++
			if compare.Compare(passive, strings.ToUpper(y[:1])+y[1:]+" "+forms[1]+" "+x).Same {
				found++
			}
		}
	}
	t.Logf("%d traded, %d of %d passives found", tried, found, turned)
	require.Greater(t, found, turned/4, "of %d", turned)
}

// formsOf is the forms of one of the deeds, and its verb as a dictionary has it.
func formsOf(deed string) (forms []string, verb string) {
	forms = strings.Split(deed, "/")
	if strings.HasSuffix(forms[0], "sses") || strings.HasSuffix(forms[0], "ches") {
		return forms, strings.TrimSuffix(forms[0], "es")
	}
	return forms, strings.TrimSuffix(forms[0], "s")
}
