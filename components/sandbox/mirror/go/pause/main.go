// Command pause is the first process of every pod: it holds the pod's network
// namespace open. It does two things. It stops at once on SIGTERM or SIGINT,
// else a pod would take its whole grace period to go. And where a pod shares
// its process namespace it is process 1, so it collects orphans that ended;
// otherwise they would stay in the process table as zombies.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-v" {
		fmt.Println("pause", version)
		return
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		reap()
	}
}

// reap collects every child that has ended. Signals of one kind merge while
// one is pending, so one SIGCHLD may stand for many children.
func reap() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
	}
}
