package budget_test

import (
	"fmt"
	"time"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

func Example() {
	perMinute := &budget.Limit{Name: "key-minute", Max: 1000, Every: time.Minute.Milliseconds()}
	perMonth := &budget.Limit{Name: "team-month", Max: 5000, Period: budget.Month}
	ledger := budget.New(budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules), budget.Options{})
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli()

	team := []budget.Part{{Name: "team", Value: "payments", Present: true}}
	claims := []budget.Claim{
		{Limit: perMinute, Key: budget.Key(perMinute.Name, team), Amount: 800},
		{Limit: perMonth, Key: budget.Key(perMonth.Name, team), Amount: 800},
	}
	reservation, _, err := ledger.Reserve(now, claims)
	if err != nil {
		panic(err)
	}
	for _, h := range reservation.Held() {
		fmt.Println(h.Limit.Name, "holds", h.Reserved, "and leaves", h.State.Remaining)
	}

	_, refusal, _ := ledger.Reserve(now, claims)
	fmt.Println(refusal.Limit.Name, "has", refusal.Remaining, "of", refusal.Asked, "and will in", refusal.RetryAfter, "ms")

	if err := reservation.Settle(now, []int64{300, 300}); err != nil {
		panic(err)
	}
	fmt.Println(reservation.Held()[0].State.Remaining, "are left now")

	// Output:
	// key-minute holds 800 and leaves 200
	// team-month holds 800 and leaves 4200
	// key-minute has 200 of 800 and will in 36000 ms
	// 700 are left now
}
