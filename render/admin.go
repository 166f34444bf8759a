package render

import "go.yaml.in/yaml/v3"

// admin is Envoy's own interface: readiness, statistics, logging, and also
// /quitquitquit.
func (e *envoy) admin() field {
	return at("admin", object(
		at("address", socket(e.adminAt)),
	)).why("Statistics are at /stats/prometheus. Keep this off any network that is not yours:\nwho reaches it can read this configuration and stop the gateway.")
}

// overload limits what Envoy takes on.
func (e *envoy) overload() field {
	return at("overload_manager", object(
		at("resource_monitors", list(
			extension("envoy.resource_monitors.global_downstream_max_connections",
				"envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
				at("max_active_downstream_connections", int64(50_000)),
			),
		)),
	)).why("Envoy warns at its start when the number of clients is not limited. Set it to what\nthe machine's memory allows: each of their requests may hold one body.")
}

// socket is an address that Envoy binds.
func socket(a address) *yaml.Node {
	return object(
		at("socket_address", flow(object(
			at("address", a.host),
			at("port_value", a.port),
		))),
	)
}
