// The flannel CNI plugin. The module proxy does not serve the original, so this
// is a small one of our own on the CNI project's libraries.
module mesh-platform/mirror/flannel-cni

go 1.26.0

require github.com/containernetworking/cni v1.3.0

require (
	github.com/vishvananda/netns v0.0.4 // indirect
	golang.org/x/sys v0.23.0 // indirect
)
