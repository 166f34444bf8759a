package memory

import (
	"testing"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Options{Name: "memory"}, func(*testing.T) store.Store { return New() })
}
