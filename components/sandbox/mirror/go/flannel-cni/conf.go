package main

import (
	"encoding/json"
	"fmt"

	"github.com/containernetworking/cni/pkg/types"
)

const (
	defaultSubnetFile = "/run/flannel/subnet.env"
	defaultDataDir    = "/var/lib/cni/flannel"
)

// netConf is what the runtime hands over on standard input.
type netConf struct {
	types.NetConf
	IPAM          map[string]any `json:"ipam,omitempty"`
	SubnetFile    string         `json:"subnetFile"`
	DataDir       string         `json:"dataDir"`
	Delegate      map[string]any `json:"delegate"`
	RuntimeConfig map[string]any `json:"runtimeConfig,omitempty"`
}

func parse(stdin []byte) (*netConf, error) {
	conf := &netConf{SubnetFile: defaultSubnetFile, DataDir: defaultDataDir}
	if err := json.Unmarshal(stdin, conf); err != nil {
		return nil, fmt.Errorf("flannel: cannot read the network configuration: %w", err)
	}
	return conf, nil
}

// render returns the delegate's configuration: what the operator put under
// `delegate`, with the rest from subnet.env. The operator's own value wins,
// except for `name` and `ipam`, which are flannel's to give.
func render(conf *netConf, env *subnetEnv) (map[string]any, error) {
	out := map[string]any{}
	for key, value := range conf.Delegate {
		out[key] = value
	}
	for _, key := range []string{"name", "ipam"} {
		if _, there := out[key]; there {
			return nil, fmt.Errorf("flannel: remove %q from delegate: flannel sets it", key)
		}
	}
	setDefault(out, "type", "bridge")
	if _, ok := out["type"].(string); !ok {
		return nil, fmt.Errorf("flannel: delegate.type must be the name of a plugin, not %v", out["type"])
	}
	out["name"] = conf.Name
	if conf.CNIVersion != "" {
		out["cniVersion"] = conf.CNIVersion
	}
	if conf.RuntimeConfig != nil {
		out["runtimeConfig"] = conf.RuntimeConfig
	}
	// FLANNEL_IPMASQ says whether flanneld masquerades. Exactly one of the two
	// must: with both, traffic between pods shows the node's address.
	setDefault(out, "ipMasq", !env.ipMasq)
	// The tunnel's headers need room: a larger MTU on the bridge makes big
	// packets vanish between nodes while small ones pass.
	setDefault(out, "mtu", env.mtu)
	if out["type"] == "bridge" {
		setDefault(out, "isGateway", true)
	}
	ipam, err := renderIPAM(conf.IPAM, env)
	out["ipam"] = ipam
	return out, err
}

// renderIPAM hands out addresses of this node's subnet only, with a route to the
// whole pod network through the node.
func renderIPAM(given map[string]any, env *subnetEnv) (map[string]any, error) {
	out := map[string]any{}
	for key, value := range given {
		out[key] = value
	}
	setDefault(out, "type", "host-local")
	ranges, routes := []any{}, []any{}
	if own, there := out["routes"]; there {
		list, ok := own.([]any)
		if !ok {
			return nil, fmt.Errorf("flannel: ipam.routes must be a list")
		}
		routes = append(routes, list...)
	}
	for _, family := range env.families {
		ranges = append(ranges, []any{map[string]any{"subnet": family.subnet}})
		for _, network := range family.networks {
			routes = append(routes, map[string]any{"dst": network})
		}
	}
	out["ranges"], out["routes"] = ranges, routes
	return out, nil
}

func setDefault(conf map[string]any, key string, value any) {
	if _, there := conf[key]; !there {
		conf[key] = value
	}
}
