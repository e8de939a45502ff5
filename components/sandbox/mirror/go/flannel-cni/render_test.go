package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containernetworking/cni/pkg/skel"
)

const subnetText = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"

// rendered is what the delegate gets for a configuration and a subnet.env.
func rendered(t *testing.T, conf, env string) (string, error) {
	t.Helper()
	parsed, err := parse([]byte(conf))
	if err != nil {
		t.Fatal(err)
	}
	subnet, err := parseSubnetEnv(env)
	if err != nil {
		t.Fatal(err)
	}
	out, err := render(parsed, subnet)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

func TestRender(t *testing.T) {
	const ipam = `"ipam":{"ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"10.244.0.0/16"}],"type":"host-local"}`
	dual := subnetText + "FLANNEL_IPV6_NETWORK=fd00:10::/48\nFLANNEL_IPV6_SUBNET=fd00:10:0:1::1/64\n"
	cases := []struct{ name, conf, env, want string }{
		{
			"the configuration of flannel's own manifest",
			`{"cniVersion":"0.3.1","name":"cbr0","type":"flannel","delegate":{"hairpinMode":true,"isDefaultGateway":true}}`,
			subnetText,
			`{"cniVersion":"0.3.1","hairpinMode":true,` + ipam +
				`,"ipMasq":false,"isDefaultGateway":true,"isGateway":true,"mtu":1450,"name":"cbr0","type":"bridge"}`,
		},
		{
			"no delegate at all, and flanneld does not masquerade",
			`{"cniVersion":"1.0.0","name":"cbr0","type":"flannel"}`,
			strings.Replace(subnetText, "true", "false", 1),
			`{"cniVersion":"1.0.0",` + ipam + `,"ipMasq":true,"isGateway":true,"mtu":1450,"name":"cbr0","type":"bridge"}`,
		},
		{
			"the operator's own values win; another delegate gets no isGateway",
			`{"cniVersion":"1.0.0","name":"n","type":"flannel","delegate":{"type":"ptp","mtu":1300,"ipMasq":true}}`,
			subnetText,
			`{"cniVersion":"1.0.0",` + ipam + `,"ipMasq":true,"mtu":1300,"name":"n","type":"ptp"}`,
		},
		{
			"ipam's own keys and routes are kept; runtimeConfig is handed on",
			`{"cniVersion":"1.0.0","name":"n","type":"flannel","ipam":{"dataDir":"/x","routes":[{"dst":"1.2.3.0/24"}]},"runtimeConfig":{"mac":"m"}}`,
			subnetText,
			`{"cniVersion":"1.0.0","ipam":{"dataDir":"/x","ranges":[[{"subnet":"10.244.1.0/24"}]],` +
				`"routes":[{"dst":"1.2.3.0/24"},{"dst":"10.244.0.0/16"}],"type":"host-local"},` +
				`"ipMasq":false,"isGateway":true,"mtu":1450,"name":"n","runtimeConfig":{"mac":"m"},"type":"bridge"}`,
		},
		{
			"both families",
			`{"cniVersion":"1.0.0","name":"n","type":"flannel"}`,
			dual,
			`{"cniVersion":"1.0.0","ipam":{"ranges":[[{"subnet":"10.244.1.0/24"}],[{"subnet":"fd00:10:0:1::/64"}]],` +
				`"routes":[{"dst":"10.244.0.0/16"},{"dst":"fd00:10::/48"}],"type":"host-local"},` +
				`"ipMasq":false,"isGateway":true,"mtu":1450,"name":"n","type":"bridge"}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := rendered(t, c.conf, c.env)
			if err != nil {
				t.Fatal(err)
			}
			if want := sorted(t, c.want); got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

// sorted writes JSON with its keys in order, as Go does.
func sorted(t *testing.T, text string) string {
	t.Helper()
	var value any
	must(t, json.Unmarshal([]byte(text), &value))
	body, err := json.Marshal(value)
	must(t, err)
	return string(body)
}

func TestRenderRefuses(t *testing.T) {
	for conf, want := range map[string]string{
		`{"delegate":{"name":"x"}}`: `remove "name"`,
		`{"delegate":{"ipam":{}}}`:  `remove "ipam"`,
		`{"delegate":{"type":7}}`:   "delegate.type must be",
		`{"ipam":{"routes":"a/8"}}`: "ipam.routes must be a list",
	} {
		if _, err := rendered(t, conf, subnetText); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", conf, err, want)
		}
	}
}

func TestSubnetEnvRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "FLANNEL_NETWORK and FLANNEL_SUBNET are missing",
		strings.Replace(subnetText, "FLANNEL_SUBNET=10.244.1.1/24", "", 1): "FLANNEL_SUBNET",
		strings.Replace(subnetText, "1450", "", 1):                         "FLANNEL_MTU",
		strings.Replace(subnetText, "true", "maybe", 1):                    "FLANNEL_IPMASQ",
	} {
		if _, err := parseSubnetEnv(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
}

// A stand-in for bridge records what it was asked, so that ADD, CHECK and DEL can
// be followed without a network.
func TestAddCheckDel(t *testing.T) {
	bin, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	record := filepath.Join(bin, "record")
	script := "#!/bin/sh\n(echo \"$CNI_COMMAND\"; cat) >>" + record + "\necho >>" + record + "\n" +
		"[ \"$CNI_COMMAND\" != ADD ] || echo '{\"cniVersion\":\"1.0.0\",\"ips\":[]}'\n"
	if err := os.WriteFile(filepath.Join(bin, "bridge"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	env := filepath.Join(bin, "subnet.env")
	if err := os.WriteFile(env, []byte(subnetText), 0o644); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"CNI_PATH": bin, "CNI_CONTAINERID": "c1", "CNI_NETNS": "/n", "CNI_IFNAME": "eth0"} {
		t.Setenv(key, value)
	}
	conf := `{"cniVersion":"1.0.0","name":"n","type":"flannel","subnetFile":"` + env + `","dataDir":"` + data + `"`
	args := &skel.CmdArgs{ContainerID: "c1", StdinData: []byte(conf + "}")}

	t.Setenv("CNI_COMMAND", "ADD")
	must(t, add(args))
	saved, err := os.ReadFile(filepath.Join(data, "c1"))
	must(t, err)
	must(t, os.Remove(env)) // as after a reboot: CHECK and DEL go by the saved copy

	t.Setenv("CNI_COMMAND", "CHECK")
	withPrev := &skel.CmdArgs{ContainerID: "c1", StdinData: []byte(conf + `,"prevResult":{"cniVersion":"1.0.0"}}`)}
	must(t, check(withPrev))
	t.Setenv("CNI_COMMAND", "DEL")
	must(t, del(args))
	must(t, del(args)) // nothing is left to do, and that is a success

	text, err := os.ReadFile(record)
	must(t, err)
	calls := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(calls) != 6 || calls[0] != "ADD" || calls[2] != "CHECK" || calls[4] != "DEL" {
		t.Fatalf("the delegate was called so:\n%s", text)
	}
	if calls[1] != string(saved) || calls[5] != string(saved) {
		t.Errorf("ADD and DEL must get the saved configuration:\n%s\n%s\n%s", saved, calls[1], calls[5])
	}
	if !strings.Contains(calls[3], `"prevResult":{"cniVersion":"1.0.0"}`) {
		t.Errorf("CHECK must get the runtime's result: %s", calls[3])
	}
	if err := check(args); err == nil {
		t.Error("CHECK of a container that was never added must fail")
	}
	if _, err := os.Stat(filepath.Join(data, "c1")); err == nil {
		t.Error("DEL must remove the saved copy")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
