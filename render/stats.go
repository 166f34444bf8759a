package render

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// Labels are the names that a label of one of the filter's metrics may have. A
// wasm filter can give a metric nothing but a name; ours are
//
//	sluice_tokens_total;direction=input;model=gpt-4o;provider=openai;team=x;
//
// and the rules below take the labels out again, one rule a label. A metric
// without labels has no `;`. A value is never empty and contains neither `;` nor `=`.
var Labels = []string{
	"action", "budget", "direction", "kind", "model", "outcome",
	"provider", "reason", "result", "rule", "team",
}

// stats turns the names of the filter's metrics into names and labels.
func (e *envoy) stats() field {
	rules := list(flow(object(
		at("tag_name", "sluice_vm"),
		at("regex", `^((cluster\.`+regexp.QuoteMeta(gateway.AttemptsPrefix)+`)[^.]*\.)wasmcustom\.sluice_`),
	)))
	for _, label := range Labels {
		rules.Content = append(rules.Content, labelRule(label))
	}
	return at("stats_config", object(
		at("stats_tags", rules),
	)).why("A filter can only give a metric a name, so Sluice's metrics carry their labels inside\nit. These rules make sluice_tokens_total;model=gpt-4o;team=x; into\nsluice_tokens_total{model=\"gpt-4o\",team=\"x\"} at /stats/prometheus.\nEnvoy 1.37 puts the cluster whose filter was made first in front of their names: the first\nrule takes that away.")
}

// labelRule takes `;label=value` out of a name. The first group is what Envoy
// removes from the name, the second is the label's value. The last label takes the
// final `;` with it: it is there so that Envoy's own rules that look at a name's
// end, such as `_rq_200$`, never see a value.
func labelRule(label string) *yaml.Node {
	return flow(object(
		at("tag_name", label),
		at("regex", `^(?:cluster\.`+regexp.QuoteMeta(gateway.AttemptsPrefix)+`[^.]*\.)?wasmcustom\.sluice_[^;]*(?:;[^;]*)*?(;`+label+`=([^;]*)(?:;$)?)`),
	))
}
