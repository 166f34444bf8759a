package sse

// AppendEvent appends an event, each line ended by LF. An empty eventType
// writes no "event" line. Data may have several lines.
func AppendEvent(dst []byte, eventType string, data []byte) []byte { return dst }

// AppendRewritten appends ev with its data replaced. All other lines, the line
// endings and the space after the colon stay as they are in ev.Raw.
func AppendRewritten(dst []byte, ev Event, data []byte) []byte { return dst }
