package conformance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/source"
)

// A policy has models of which some hosts can have only a part. What `sluice check --for`
// refuses of it a user never gets to run, so that a scenario does not run it either: its cell
// is what check says. The rest of the policy is what is rendered for that host.

// refusals are what check has against the models of a policy on a tier's host, by model. All
// else in a policy is for every host.
func (t *Tier) refusals(p *Policy) (map[string]string, error) {
	parsed, err := source.Policy([]byte(strings.ReplaceAll(p.Text, "http://companion", "http://127.0.0.1:8090")))
	if err != nil {
		return nil, err
	}
	_, refused, err := t.part(parsed)
	return refused, err
}

// part is a policy without the models that check refuses on a tier's host, and why it does.
func (t *Tier) part(p *policy.Policy) (*policy.Policy, map[string]string, error) {
	problems, _ := host.Check(p, host.Host{Name: t.Check, Minor: t.Kong})
	refused := map[string]string{}
	for _, problem := range problems {
		path, ok := strings.CutPrefix(problem.Path, "models.")
		model, _, _ := strings.Cut(path, ".")
		if !ok || !has(p, model) {
			return nil, nil, fmt.Errorf("%s cannot have this policy at all: %s", t.Check, problem)
		}
		if refused[model] == "" {
			refused[model] = problem.Message + " (`sluice check --for " + string(t.Check) + "` refuses it)"
		}
	}
	rest := *p
	rest.Models = nil
	for _, m := range p.Models {
		if refused[m.Name] == "" {
			rest.Models = append(rest.Models, m)
		}
	}
	return &rest, refused, nil
}

func has(p *policy.Policy, model string) bool {
	for _, m := range p.Models {
		if m.Name == model {
			return true
		}
	}
	return false
}

// proveRefusals holds what check says here to what the built command says.
func (t *Tier) proveRefusals(b *Backends, p *Policy) error {
	text := b.Policy(p)
	parsed, err := source.Policy([]byte(text))
	if err != nil {
		return err
	}
	problems, _ := host.Check(parsed, host.Host{Name: t.Check, Minor: t.Kong})
	want := ""
	for _, problem := range problems {
		want += problem.String() + "\n"
	}
	file := filepath.Join(b.data, t.Name+"-"+p.Name+".yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	args := []string{"check", "-c", file, "--for", string(t.Check)}
	if t.Kong != 0 {
		args = append(args, "--kong", fmt.Sprint("3.", t.Kong))
	}
	said, err := exec.Command(b.binary, args...).Output()
	var exit *exec.ExitError
	if takes := err == nil; takes != (want == "") || !takes && !(errors.As(err, &exit) && exit.ExitCode() == 1) || string(said) != want {
		return fmt.Errorf("sluice check --for %s: want\n%sgot %v and\n%s", t.Check, want, err, said)
	}
	return nil
}
