package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// family is one IP family: the whole pod network (flanneld may list several
// ranges, separated by commas) and this node's part of it.
type family struct {
	networks []string
	subnet   string
}

type subnetEnv struct {
	families []family // IPv4 first, then IPv6; at least one
	mtu      int
	ipMasq   bool
}

// readSubnetEnv reads the file that flanneld writes once it has a lease. Until
// then it is missing, and a pod must fail to start (the kubelet tries again)
// instead of getting an address that no other node can reach.
func readSubnetEnv(path string) (*subnetEnv, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("flannel: flanneld has not written this node's subnet yet: %w", err)
	}
	env, err := parseSubnetEnv(string(text))
	if err != nil {
		return nil, fmt.Errorf("flannel: %s: %w", path, err)
	}
	return env, nil
}

func parseSubnetEnv(text string) (*subnetEnv, error) {
	values := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = value
		}
	}
	env := &subnetEnv{}
	for _, prefix := range []string{"FLANNEL_", "FLANNEL_IPV6_"} {
		network, subnet := values[prefix+"NETWORK"], values[prefix+"SUBNET"]
		if network == "" && subnet == "" {
			continue
		}
		one := family{}
		for _, cidr := range strings.Split(network, ",") {
			masked, err := mask(prefix+"NETWORK", cidr)
			if err != nil {
				return nil, err
			}
			one.networks = append(one.networks, masked)
		}
		masked, err := mask(prefix+"SUBNET", subnet)
		if err != nil {
			return nil, err
		}
		one.subnet = masked
		env.families = append(env.families, one)
	}
	if len(env.families) == 0 {
		return nil, fmt.Errorf("FLANNEL_NETWORK and FLANNEL_SUBNET are missing")
	}
	var err error
	if env.mtu, err = strconv.Atoi(values["FLANNEL_MTU"]); err != nil {
		return nil, fmt.Errorf("FLANNEL_MTU: %w", err)
	}
	if env.ipMasq, err = strconv.ParseBool(values["FLANNEL_IPMASQ"]); err != nil {
		return nil, fmt.Errorf("FLANNEL_IPMASQ: %w", err)
	}
	return env, nil
}

// mask turns 10.244.1.1/24, as flanneld writes it, into the network 10.244.1.0/24
// that host-local wants.
func mask(key, cidr string) (string, error) {
	_, network, err := net.ParseCIDR(strings.TrimSpace(cidr))
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return network.String(), nil
}
