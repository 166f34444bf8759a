package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"google.golang.org/protobuf/types/known/structpb"
	extensions "istio.io/api/extensions/v1alpha1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/util/protomarshal"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// plugin writes the configuration that Envoy's filter gets of the first WasmPlugin or
// TrafficExtension: read as kubectl reads it, kept as Istio keeps it, written as
// pilot/pkg/model/extensions.go writes it.
func plugin(in io.Reader, out io.Writer) error {
	documents := kubeyaml.NewYAMLReader(bufio.NewReader(in))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return errors.New("there is no plugin")
		}
		if err != nil {
			return err
		}
		js, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return err
		}
		var kind struct {
			Kind string
			Spec json.RawMessage
		}
		if err := json.Unmarshal(js, &kind); err != nil {
			return err
		}
		var given *structpb.Struct
		switch kind.Kind {
		case "WasmPlugin":
			spec, _ := collections.WasmPlugin.NewInstance()
			if err := config.ApplyJSONStrict(spec, string(kind.Spec)); err != nil {
				return err
			}
			given = spec.(*extensions.WasmPlugin).GetPluginConfig()
		case "TrafficExtension":
			spec, _ := collections.TrafficExtension.NewInstance()
			if err := config.ApplyJSONStrict(spec, string(kind.Spec)); err != nil {
				return err
			}
			given = spec.(*extensions.TrafficExtension).GetWasm().GetPluginConfig()
		default:
			continue
		}
		text, err := protomarshal.ToJSON(given)
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, text)
		return err
	}
}
