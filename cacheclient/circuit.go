package cacheclient

// Circuit keeps from asking a companion that does not answer: after so many failures in a
// row it is open for a while, and then lets one call try.
type Circuit struct {
	After int   // failures in a row
	For   int64 // milliseconds

	failures int
	opened   int64
	trying   bool
}

// Allow tells whether a call may be made at now. Each allowed call ends with Failed or
// Succeeded.
func (c *Circuit) Allow(now int64) bool {
	if !c.Open() {
		return true
	}
	// A clock that has gone back does not keep it open for longer.
	if passed := now - c.opened; passed >= 0 && passed < c.For || c.trying && passed < 2*c.For {
		return false
	}
	c.trying, c.opened = true, now
	return true
}

// Open tells whether calls are held back, but for the one that tries.
func (c *Circuit) Open() bool { return c.failures >= c.After }

// Failed notes that a call failed at now.
func (c *Circuit) Failed(now int64) {
	was := c.Open() && !c.trying
	c.failures++
	c.trying = false
	if c.Open() && !was { // what was begun before it opened keeps it open no longer
		c.opened = now
	}
}

// Succeeded notes that a call was answered.
func (c *Circuit) Succeeded() { c.failures, c.trying = 0, false }
