package cache

import (
	"encoding/json"
	"fmt"
)

// Pairs are names and values, in JSON a list of lists of two. (As [][2]string a list of one
// would read as a value of "", and of a list of three the last would be lost.)
type Pairs [][2]string

// UnmarshalJSON refuses lists that are not of two.
func (p *Pairs) UnmarshalJSON(b []byte) error {
	var lists [][]string
	if err := json.Unmarshal(b, &lists); err != nil {
		return err
	}
	*p = make(Pairs, len(lists))
	for i, l := range lists {
		if len(l) != 2 {
			return fmt.Errorf("pair %d has %d texts, not a name and a value", i, len(l))
		}
		(*p)[i] = [2]string(l)
	}
	return nil
}
