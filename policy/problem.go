package policy

// Problem is one thing to change in a policy.
type Problem struct {
	Path    string // as `budgets[0].every` or `models["gpt-4.1"].targets[0].provider`; "" = the whole document
	Message string // what is wrong and what to write instead; one line
}

// String is the problem as `sluice check` prints it.
func (p Problem) String() string {
	if p.Path == "" {
		return "policy: " + p.Message
	}
	return p.Path + ": " + p.Message
}

// Problems is the error of a policy that must not run: all its problems, in the
// order of the document.
type Problems []Problem

// Error has one problem a line.
func (p *Problems) Error() string {
	text := ""
	for i, problem := range *p {
		if i > 0 {
			text += "\n"
		}
		text += problem.String()
	}
	return text
}
