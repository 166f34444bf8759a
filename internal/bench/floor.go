package main

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/render"
)

// startFloor starts an Envoy that does the least that a hit can be made of: it reads the
// request, asks another server over HTTP/1.1, and answers with what it got. The other server
// is a listener of the same process that has the bytes in its configuration.
func (b *bench) startFloor(ctx context.Context, body []byte) (*side, error) {
	dir, err := os.MkdirTemp("", "sluice-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a socket that is open needs no name
	pipe := object{"pipe": object{"path": filepath.Join(dir, "s")}}
	bootstrap, err := yaml.Marshal(object{
		"node":  object{"id": "floor", "cluster": "floor"},
		"admin": object{"address": freePort},
		"static_resources": object{
			"listeners": []any{
				floorListener(render.ListenerName, freePort, len(body), object{"route": object{"cluster": "held"}}, object{
					"name": "envoy.filters.http.lua",
					"typed_config": object{
						"@type":               "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
						"default_source_code": object{"inline_string": floorScript},
					},
				}),
				floorListener("held", pipe, len(body), object{"direct_response": object{"status": 200, "body": object{"inline_bytes": base64.StdEncoding.EncodeToString(body)}}}),
			},
			"clusters": []any{object{
				"name":            "held",
				"connect_timeout": "1s",
				"load_assignment": object{"cluster_name": "held", "endpoints": []any{
					object{"lb_endpoints": []any{object{"endpoint": object{"address": pipe}}}},
				}},
			}},
		},
	})
	if err != nil {
		return nil, err
	}
	in, err := envoy.Start(ctx, envoy.Options{Binary: b.binary, Bootstrap: bootstrap, Concurrency: 1})
	if err != nil {
		return nil, err
	}
	s := &side{Instance: in, address: in.Listener(render.ListenerName)}
	c, err := dial(s.address) // which connects it to the pipe while that has its name
	if err == nil {
		err = c.exchange([]byte("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx"), nil)
		_ = c.Close()
	}
	if err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, nil
}

type object = map[string]any

var freePort = object{"socket_address": object{"address": "127.0.0.1", "port_value": 0}}

const floorScript = `
function envoy_on_request(h)
  h:body()
  local _, answer = h:httpCall("held", {[":method"] = "GET", [":path"] = "/", [":authority"] = "held"}, nil, 5000)
  h:respond({[":status"] = "200", ["content-type"] = "application/json"}, answer)
end
`

func floorListener(name string, address object, longest int, route object, filters ...any) object {
	route["match"] = object{"prefix": "/"}
	return object{
		"name": name, "address": address,
		"per_connection_buffer_limit_bytes": 8 << 20,
		"filter_chains": []any{object{"filters": []any{object{
			"name": "envoy.filters.network.http_connection_manager",
			"typed_config": object{
				"@type":       "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
				"stat_prefix": name, "generate_request_id": false,
				"route_config": object{
					"max_direct_response_body_size_bytes": max(4096, longest),
					"virtual_hosts":                       []any{object{"name": name, "domains": []string{"*"}, "routes": []any{route}}},
				},
				"http_filters": append(filters, object{
					"name":         "envoy.filters.http.router",
					"typed_config": object{"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
				}),
			},
		}}}},
	}
}
