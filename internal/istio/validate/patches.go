package main

import (
	"fmt"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	wasmfilter "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/wasm/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config/xds"
	"istio.io/istio/pkg/proto/merge"
	"istio.io/istio/pkg/wasm"
)

// patches checks what an EnvoyFilter makes of Envoy's configuration, which Istio's validation
// leaves to Envoy: every message in it, however deep, by the rules of Envoy's own API.
func patches(filter *networking.EnvoyFilter) (problems []error) {
	for n, p := range filter.ConfigPatches {
		at := fmt.Sprintf("configPatches[%d] %s", n, p.ApplyTo)
		value, err := xds.BuildXDSObjectFromStruct(p.ApplyTo, p.Patch.Value, true)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", at, err))
			continue
		}
		if value, err = merged(p, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", at, err))
			continue
		}
		for _, err := range message(value) {
			problems = append(problems, fmt.Errorf("%s: %w", at, err))
		}
		if extension, ok := value.(*core.TypedExtensionConfig); ok {
			if err := converted(extension); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", at, err))
			}
		}
	}
	return problems
}

// merged is what a part of a configuration becomes: by itself it need not be whole. What it is
// merged into here is the least that such a thing is.
func merged(p *networking.EnvoyFilter_EnvoyConfigObjectPatch, part proto.Message) (proto.Message, error) {
	if p.Patch.Operation != networking.EnvoyFilter_Patch_MERGE {
		return part, nil
	}
	var whole proto.Message
	switch part := part.(type) {
	case *listener.Listener:
		whole = &listener.Listener{Name: "x", Address: &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
			Address: "0.0.0.0", PortSpecifier: &core.SocketAddress_PortValue{PortValue: 80}}}}}
	case *route.Route:
		whole = &route.Route{Name: "x", Match: &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/"}},
			Action: &route.Route_DirectResponse{DirectResponse: &route.DirectResponseAction{Status: 503}}}
	case *listener.Filter:
		inside := &hcm.HttpConnectionManager{}
		if err := part.GetTypedConfig().UnmarshalTo(inside); err != nil {
			return nil, err
		}
		whole := &hcm.HttpConnectionManager{StatPrefix: "x", RouteSpecifier: &hcm.HttpConnectionManager_Rds{Rds: &hcm.Rds{
			RouteConfigName: "x", ConfigSource: &core.ConfigSource{ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}}}}}}
		merge.Merge(whole, inside)
		return whole, nil
	default:
		return nil, fmt.Errorf("nothing is known of what a %T is merged into", part)
	}
	merge.Merge(whole, part)
	return whole, nil
}

// message checks a message and every message in it.
func message(m proto.Message) (problems []error) {
	if v, ok := m.(interface{ ValidateAll() error }); ok {
		if err := v.ValidateAll(); err != nil {
			problems = append(problems, err)
		}
	}
	return append(problems, inside(m.ProtoReflect())...)
}

// inside looks for what ValidateAll does not look into: messages of any type.
func inside(m protoreflect.Message) (problems []error) {
	if packed, ok := m.Interface().(*anypb.Any); ok {
		if packed.TypeUrl == "" {
			return nil
		}
		unpacked, err := packed.UnmarshalNew()
		if err != nil {
			return []error{err}
		}
		for _, err := range message(unpacked) {
			problems = append(problems, fmt.Errorf("%s: %w", packed.MessageName().Name(), err))
		}
		return problems
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
					problems = append(problems, inside(v.Message())...)
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				problems = append(problems, inside(value.List().Get(i).Message())...)
			}
		default:
			problems = append(problems, inside(value.Message())...)
		}
		return true
	})
	return problems
}

// converted has Istio's agent do with a resource what it does before Envoy gets it: fetch the
// module and put a file in its place. What it does not take for a module it leaves alone, and
// Envoy could do nothing with it.
func converted(extension *core.TypedExtensionConfig) error {
	resource, err := anypb.New(extension)
	if err != nil {
		return err
	}
	resources := []*anypb.Any{resource}
	if err := wasm.MaybeConvertWasmExtensionConfig(resources, fetched{}); err != nil {
		return err
	}
	var after core.TypedExtensionConfig
	if err := resources[0].UnmarshalTo(&after); err != nil {
		return err
	}
	var before, filter wasmfilter.Wasm
	if err := extension.TypedConfig.UnmarshalTo(&before); err != nil {
		return err
	}
	if err := after.TypedConfig.UnmarshalTo(&filter); err != nil {
		return fmt.Errorf("Istio's agent could not fetch its module: %w", err)
	}
	code := filter.GetConfig().GetVmConfig().GetCode()
	if code.GetLocal().GetFilename() == "" {
		return fmt.Errorf("Istio's agent has not put a file in the place of its module: %v", code)
	}
	if remote := before.GetConfig().GetVmConfig().GetCode().GetRemote(); remote != nil {
		if want := remote.HttpUri.Uri + " " + remote.Sha256; code.GetLocal().GetFilename() != want {
			return fmt.Errorf("Istio's agent fetched %q and not %q", code.GetLocal().GetFilename(), want)
		}
	}
	if filter.GetConfig().AllowOnHeadersStopIteration.GetValue() != before.GetConfig().AllowOnHeadersStopIteration.GetValue() {
		return fmt.Errorf("allow_on_headers_stop_iteration is lost on the way")
	}
	return nil
}

// fetched is a cache in which every module is: as a file that is called as it was asked for.
type fetched struct{}

func (fetched) Get(url string, o wasm.GetOptions) (string, error) {
	if o.RequestTimeout < time.Second {
		return "", fmt.Errorf("it has %s", o.RequestTimeout)
	}
	return url + " " + o.Checksum, nil
}

func (fetched) Cleanup() {}
