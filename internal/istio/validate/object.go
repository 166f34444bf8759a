package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	"istio.io/istio/pkg/util/protomarshal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	kubenet "k8s.io/api/networking/v1"
)

// object checks one document: what it is called, and what is wrong with it.
func object(document []byte) (id string, problems []error, err error) {
	var any map[string]any
	if err := yaml.UnmarshalStrict(document, &any); err != nil {
		return "", nil, err
	}
	if len(any) == 0 {
		return "", nil, nil
	}
	js, err := json.Marshal(any)
	if err != nil {
		return "", nil, err
	}
	var meta struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
	}
	if err := json.Unmarshal(js, &meta); err != nil {
		return "", nil, err
	}
	id = meta.APIVersion + " " + meta.Kind + " " + meta.Namespace + "/" + meta.Name
	for _, text := range validation.IsDNS1123Subdomain(meta.Name) {
		problems = append(problems, errors.New("metadata.name: "+text))
	}
	if meta.Namespace == "" {
		problems = append(problems, errors.New("metadata.namespace is missing"))
	}
	for name, value := range meta.Labels {
		for _, text := range append(validation.IsQualifiedName(name), validation.IsValidLabelValue(value)...) {
			problems = append(problems, errors.New("metadata.labels: "+text))
		}
	}
	gvk := meta.GroupVersionKind()
	if schema, ok := collections.PilotGatewayAPI().FindByGroupVersionAliasesKind(resource.FromKubernetesGVK(&gvk)); ok {
		return id, append(problems, istio(schema, js, meta.ObjectMeta)...), nil
	}
	decoded, _, err := decoder.Decode(document, nil, nil)
	if err != nil {
		problems = append(problems, err)
	}
	if config, ok := decoded.(*core.ConfigMap); ok {
		problems = append(problems, startsWith(config)...)
	}
	return id, problems, nil
}

// decoder knows the kinds of Kubernetes' own that are rendered, and refuses what they have no
// field for. What values fields may have is the API server's to say: its code is in no module.
var decoder = func() runtime.Decoder {
	scheme := runtime.NewScheme()
	utilruntime.Must(core.AddToScheme(scheme))
	utilruntime.Must(apps.AddToScheme(scheme))
	utilruntime.Must(kubenet.AddToScheme(scheme))
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}()

// startsWith checks what a ConfigMap adds to the bootstrap of a proxy, which Istio's agent hands
// to Envoy as it is.
func startsWith(config *core.ConfigMap) []error {
	text, ok := config.Data["custom_bootstrap.json"]
	if !ok {
		return nil
	}
	bootstrap := &bootstrapv3.Bootstrap{}
	if err := protomarshal.UnmarshalString(text, bootstrap); err != nil {
		return []error{fmt.Errorf("custom_bootstrap.json: %w", err)}
	}
	return message(bootstrap)
}

// istio has Istio's validation, which its webhook runs, look at an object. Its warnings are
// problems too.
func istio(schema resource.Schema, js []byte, meta metav1.ObjectMeta) (problems []error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(js, &parts); err != nil {
		return []error{err}
	}
	for name := range parts {
		switch name {
		case "apiVersion", "kind", "metadata", "spec":
		default:
			problems = append(problems, fmt.Errorf("unknown field %q", name))
		}
	}
	spec, err := schema.NewInstance()
	if err == nil {
		err = config.ApplyJSONStrict(spec, string(parts["spec"]))
	}
	if err != nil {
		return append(problems, err)
	}
	warnings, err := schema.ValidateConfig(config.Config{
		Meta: config.Meta{GroupVersionKind: schema.GroupVersionKind(), Name: meta.Name, Namespace: meta.Namespace, Labels: meta.Labels},
		Spec: spec,
	})
	if err != nil {
		problems = append(problems, err)
	}
	if warnings != nil && !isReminder(warnings) {
		problems = append(problems, fmt.Errorf("warning: %w", warnings))
	}
	if filter, ok := spec.(*networking.EnvoyFilter); ok {
		problems = append(problems, patches(filter)...)
	}
	return problems
}

// isReminder tells the one warning that every EnvoyFilter gets.
func isReminder(warning error) bool {
	text := strings.TrimSpace(warning.Error())
	return strings.HasPrefix(text, "EnvoyFilter exposes internal implementation details") && !strings.Contains(text, "\n") ||
		strings.HasPrefix(text, "1 error occurred:") && strings.Contains(text, "EnvoyFilter exposes internal implementation details")
}
