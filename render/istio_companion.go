package render

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
)

// companionSuffix is what is put behind the rendering's name in those of the companion's objects,
// and of the Secret that it needs.
const companionSuffix = "-companion"

func (o *IstioOptions) companionName() string { return o.Name + companionSuffix }

// policyName is the ConfigMap with the policy's file, which is the user's to make.
func (o *IstioOptions) policyName() string { return o.Name + "-policy" }

// companionPort is where the companion listens.
const companionPort = 8090

// CompanionService is the endpoint of the companion that Istio writes the objects of.
func (o IstioOptions) CompanionService() policy.Endpoint {
	o = o.withDefaults()
	return policy.Endpoint{Host: o.companionName() + "." + o.Namespace + serviceSuffix, Port: companionPort}
}

// checkCompanion refuses a companion that could not do what the policy wants.
func (o *IstioOptions) checkCompanion(p *policy.Policy) error {
	rendered := p.UsesCompanion() && o.CompanionImage != ""
	switch {
	case o.CompanionImage != "" && o.Shape == Plugin:
		return nil // checkPlugin says more of it
	case o.CompanionImage != "" && !rendered:
		return errors.New("companion-image: nothing in the policy needs a companion; leave it out, or write what does, such as cache or records: {companion: true}")
	case o.CompanionImage != "" && !image.MatchString(o.CompanionImage):
		return fmt.Errorf("companion-image: %q: want the name of an image, as in registry.example/sluice-companion:1.0", o.CompanionImage)
	case rendered && o.CompanionTLS != (CompanionTLS{}):
		return errors.New("companion-ca and companion-cert are for a companion that runs already, behind https:// (--companion): the one that is rendered serves HTTP, to these pods alone")
	case rendered && p.Companion.CredentialEnv == "":
		return errors.New("companion.credential: the companion is another pod, which serves nobody without a token; write companion: {credential: {env: NAME}}")
	}
	judges := rendered && p.Cache != nil && p.Cache.Enabled && p.Cache.Judge != nil
	if judges && o.JudgeURL == "" {
		return errors.New("cache.judge: the companion asks it through this gateway, and does not know where that is; say so with judge-url, as in http://llm-gateway.llm.svc.cluster.local, or remove it")
	}
	if !judges && o.JudgeURL != "" {
		return errors.New("judge-url belongs to companion-image and a policy with cache.judge")
	}
	if o.JudgeURL == "" {
		return nil
	}
	to, err := url.Parse(o.JudgeURL)
	switch {
	case err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "":
		return fmt.Errorf("judge-url: %q: want http:// or https:// and a host", o.JudgeURL)
	case !o.everyHost() && !slices.Contains(o.Hosts, to.Hostname()):
		return fmt.Errorf("judge-url: the gateway's route has no name %s; add it with host", to.Hostname())
	}
	return nil
}

// companionObjects are the companion: one pod, whose data outlive it, reached by the gateway
// alone.
func (i *istio) companionObjects() []*yaml.Node {
	name := i.opt.companionName()
	pods := at("app.kubernetes.io/name", name)
	return []*yaml.Node{
		i.kubernetes("v1", "PersistentVolumeClaim", name, at("spec", object(
			at("accessModes", texts("ReadWriteOnce")),
			at("resources", object(at("requests", flow(object(at("storage", "10Gi")))))).
				why("The cache's entries and the ledger: docs/companion.md, \"Size\"."),
		))),
		i.kubernetes("apps/v1", "Deployment", name, at("spec", object(
			at("replicas", int64(1)).why("The store on disk and the ledger have one owner."),
			at("strategy", flow(object(at("type", "Recreate")))),
			at("selector", object(at("matchLabels", object(pods)))),
			at("template", object(
				at("metadata", object(
					i.labels(pods, at("sidecar.istio.io/inject", "false"), at("istio.io/dataplane-mode", "none")),
				)).why("No sidecar, nor ambient's: the gateway calls the pod itself, with the token."),
				at("spec", i.companionPod()),
			)),
		))),
		i.kubernetes("v1", "Service", name, at("spec", object(
			at("selector", object(pods)),
			at("ports", list(flow(object(
				at("name", "http"), at("port", int64(companionPort)), at("targetPort", "http"), at("appProtocol", "http"),
			)))),
		))),
		i.networkPolicy(pods),
	}
}

func (i *istio) companionPod() *yaml.Node {
	probe := func(path string, more ...field) *yaml.Node {
		return object(append([]field{
			at("httpGet", flow(object(at("path", path), at("port", "http")))),
			at("timeoutSeconds", int64(3)),
		}, more...)...)
	}
	args := []string{"companion", "--listen", "0.0.0.0:8090", "--data", "/data"}
	mounts := list(flow(object(at("name", "data"), at("mountPath", "/data"))))
	volumes := list(object(
		at("name", "data"),
		at("persistentVolumeClaim", flow(object(at("claimName", i.opt.companionName())))),
	))
	if i.asksGuards() {
		args = append(args, "-c", "/policy/sluice.yaml")
		mounts.Content = append(mounts.Content, flow(object(at("name", "policy"), at("mountPath", "/policy"), at("readOnly", true))))
		volumes.Content = append(volumes.Content, object(
			at("name", "policy").why("The companion asks the guards that the policy names, knows no others, and embeds the\nexamples of its rules:\nkubectl create configmap "+i.opt.policyName()+" --from-file=sluice.yaml"),
			at("configMap", flow(object(at("name", i.opt.policyName())))),
		))
	}
	if i.opt.JudgeURL != "" {
		args = append(args, "--judge-url", i.opt.JudgeURL, "--judge-key-env", judgeVariable)
	}
	return object(
		at("automountServiceAccountToken", false),
		at("enableServiceLinks", false),
		at("securityContext", object(
			at("runAsNonRoot", true),
			at("runAsUser", int64(65532)),
			at("runAsGroup", int64(65532)),
			at("fsGroup", int64(65532)),
			at("seccompProfile", flow(object(at("type", "RuntimeDefault")))),
		)),
		at("terminationGracePeriodSeconds", int64(20)).why("Calls under way have 10 seconds."),
		at("containers", list(object(
			at("name", "companion"),
			at("image", i.opt.CompanionImage).why("Built by examples/companion/Dockerfile."),
			at("command", texts("/sluice")),
			at("args", texts(args...)),
			at("env", i.companionEnv()),
			at("ports", list(flow(object(at("name", "http"), at("containerPort", int64(companionPort)))))),
			at("readinessProbe", probe("/readyz", at("periodSeconds", int64(5)))).
				why("Store and embedder serve. Probes need no token."),
			at("livenessProbe", probe("/healthz", at("periodSeconds", int64(10)), at("failureThreshold", int64(6)))),
			at("startupProbe", probe("/healthz", at("periodSeconds", int64(2)), at("failureThreshold", int64(150)))).
				why("A large store is read when it is opened."),
			at("resources", object(
				at("requests", flow(object(at("cpu", "250m"), at("memory", "512Mi")))),
				at("limits", flow(object(at("memory", "1Gi")))).
					why("The model is 90 MB while it is read and 45 MB after, a million entries 310 MB, bodies\n256 MB. No limit on CPU: one that is throttled answers too late."),
			)),
			at("securityContext", object(
				at("allowPrivilegeEscalation", false),
				at("readOnlyRootFilesystem", true),
				at("capabilities", flow(object(at("drop", texts("ALL"))))),
			)),
			at("volumeMounts", mounts),
		))),
		at("volumes", volumes),
	)
}

// asksGuards tells whether the companion has services to ask.
func (i *istio) asksGuards() bool { return i.policy.Guards != nil && len(i.policy.Guards.External) > 0 }

// companionEnv are the variables of the companion: the token that the gateway shows it, and the
// keys of external guards.
func (i *istio) companionEnv() *yaml.Node {
	secret := func(variable, key string, optional bool) *yaml.Node {
		ref := object(at("name", i.opt.companionName()), at("key", key))
		if optional {
			with(ref, at("optional", true))
		}
		return object(at("name", variable), at("valueFrom", object(at("secretKeyRef", flow(ref)))))
	}
	env := list(
		secret("SLUICE_COMPANION_TOKEN", "token", false),
		secret("SLUICE_COMPANION_SEAL", "seal", true),
	)
	for _, variable := range i.keyVariables() {
		env.Content = append(env.Content, secret(variable, keyOf(variable), false))
	}
	env.Content[0].HeadComment = "The Secret is yours to make; examples/istio/README.md has the command.\nThe gateway's " + i.policy.Companion.CredentialEnv + " is the same token."
	return env
}

// judgeVariable has the key that the companion shows the gateway when it asks the judge.
const judgeVariable = "SLUICE_JUDGE_KEY"

// keyVariables are those with the keys of external guards and of the judge, each once.
func (i *istio) keyVariables() (names []string) {
	if i.asksGuards() {
		for _, e := range i.policy.Guards.External {
			if name := e.Service.CredentialEnv; name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if i.opt.JudgeURL != "" && !slices.Contains(names, judgeVariable) {
		names = append(names, judgeVariable)
	}
	return names
}

// keyOf is the key of the Secret that a variable's value is under.
func keyOf(variable string) string { return strings.ToLower(strings.ReplaceAll(variable, "_", "-")) }

// companionKeys says what the Secret of the companion must have.
func (i *istio) companionKeys() string {
	if i.opt.CompanionImage == "" || !i.policy.UsesCompanion() {
		return ""
	}
	keys := []string{"token"}
	for _, variable := range i.keyVariables() {
		keys = append(keys, keyOf(variable))
	}
	return "\nThe Secret " + i.opt.companionName() + " must have: " + strings.Join(keys, ", ") + "; and seal, where the cache is another's too."
}

// networkPolicy lets the gateway in and, but for what guards ask, nothing out.
func (i *istio) networkPolicy(pods field) *yaml.Node {
	port := func(protocol string, number int) *yaml.Node {
		return flow(object(at("protocol", protocol), at("port", int64(number))))
	}
	egress, ports, named := list(), list(), i.opt.JudgeURL != ""
	if i.asksGuards() {
		var seen []int
		for _, e := range i.policy.Guards.External {
			to := e.Service.Endpoint
			if to.Port == 0 { // rules by meaning ask nobody else
				continue
			}
			named = named || !isAddress(to.Host)
			if !slices.Contains(seen, to.Port) {
				seen = append(seen, to.Port)
				ports.Content = append(ports.Content, port("TCP", to.Port))
			}
		}
	}
	if named {
		rule := object(
			at("to", list(object(
				at("namespaceSelector", flow(object(at("matchLabels", flow(object(at("kubernetes.io/metadata.name", "kube-system"))))))),
				at("podSelector", flow(object(at("matchLabels", flow(object(at("k8s-app", "kube-dns"))))))),
			))),
			at("ports", list(port("UDP", 53), port("TCP", 53))),
		)
		rule.HeadComment = "The names of what it asks. Where the cluster's DNS has other labels, or a\ncache on each node (169.254.20.10), say so here."
		egress.Content = append(egress.Content, rule)
	}
	if i.opt.JudgeURL != "" {
		rule := object(at("to", list(object(at("podSelector", object(at("matchLabels", object(i.selector...))))))))
		rule.HeadComment = "The gateway, through which the judge is asked."
		egress.Content = append(egress.Content, rule)
	}
	if len(ports.Content) > 0 { // a rule without ports would be one for all
		rule := object(at("ports", ports))
		rule.HeadComment = "What guards.external asks. A NetworkPolicy knows no names: narrow it with addresses."
		egress.Content = append(egress.Content, rule)
	}
	out := at("egress", egress)
	if len(egress.Content) == 0 {
		out = out.why("Nothing: it asks nobody, DNS neither. An option of yours that has it ask somebody\n(--store, --judge-url) wants a rule here.")
	}
	return i.kubernetes("networking.k8s.io/v1", "NetworkPolicy", i.opt.companionName(), at("spec", object(
		at("podSelector", object(at("matchLabels", object(pods)))),
		at("policyTypes", texts("Ingress", "Egress")),
		at("ingress", list(object(
			at("from", list(object(at("podSelector", object(at("matchLabels", object(i.selector...))))))),
			at("ports", list(port("TCP", companionPort))),
		))).why("The gateway's pods. Kubelet's probes come from the node, which network plugins let by."),
		out,
	)))
}
