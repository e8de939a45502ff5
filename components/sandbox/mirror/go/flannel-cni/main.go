// Command flannel is a CNI plugin that wires no pod itself. It reads what
// flanneld wrote about this node's part of the pod network, renders from it the
// configuration of the plugin that does the wiring (bridge, unless told
// otherwise), and calls that one.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/version"
)

// gitVersion is set by the linker.
var gitVersion = "dev"

// supported ends at 1.0.0 although the library knows 1.1.0: the delegate gets
// the same cniVersion, and bridge 1.1.1 refuses one that it does not know.
var supported = version.PluginSupports("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0")

func main() {
	skel.PluginMainFuncs(
		skel.CNIFuncs{Add: add, Check: check, Del: del},
		supported, "CNI plugin flannel "+gitVersion,
	)
}

func add(args *skel.CmdArgs) error {
	conf, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	env, err := readSubnetEnv(conf.SubnetFile)
	if err != nil {
		return err
	}
	delegate, err := render(conf, env)
	if err != nil {
		return err
	}
	body, err := json.Marshal(delegate)
	if err != nil {
		return err
	}
	// Saved before the call: if the delegate fails half-way, the runtime sends
	// DEL, and only the saved copy says which address to give back.
	if err := save(conf.DataDir, args.ContainerID, body); err != nil {
		return err
	}
	result, err := invoke.DelegateAdd(context.Background(), delegate["type"].(string), body, nil)
	if err != nil {
		return err
	}
	return result.Print()
}

// del works from the saved copy, since subnet.env is gone after a reboot or once
// flanneld was removed. No copy means nothing was set up or it is undone
// already: by the CNI specification that is a success.
func del(args *skel.CmdArgs) error {
	conf, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	kind, body, err := load(conf.DataDir, args.ContainerID)
	if err != nil || body == nil {
		return err
	}
	if err := invoke.DelegateDel(context.Background(), kind, body, nil); err != nil {
		return err // the copy stays, so that the runtime can try again
	}
	return forget(conf.DataDir, args.ContainerID)
}

// check asks the delegate, with the result that the runtime remembers: a plugin
// compares it with what it finds in the pod.
func check(args *skel.CmdArgs) error {
	conf, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	kind, body, err := load(conf.DataDir, args.ContainerID)
	if err != nil {
		return err
	}
	if body == nil {
		return types.NewError(types.ErrUnknownContainer,
			fmt.Sprintf("flannel: no saved configuration of container %q in %s", args.ContainerID, conf.DataDir), "")
	}
	body, err = withPrevResult(body, args.StdinData)
	if err != nil {
		return err
	}
	return invoke.DelegateCheck(context.Background(), kind, body, nil)
}
