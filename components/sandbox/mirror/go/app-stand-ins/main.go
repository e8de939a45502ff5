// Command app-stand-ins plays the demo applications of this project: the same
// names, ports, paths and answers as far as a mesh can see them. Which one it
// plays is its own file name, or the first argument. Every answer says by the
// header x-stand-in that this is not the original.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// role is one application: where it listens and what it answers.
type role struct {
	port    string
	handler func(setting) http.Handler
}

// roles by name. deploy-and-run.sh is called by a shell, as in the image that it
// stands in for, so that this name is a file name too.
var roles = map[string]role{
	"productpage":       {"9080", productpage},
	"details":           {"9080", details},
	"reviews":           {"9080", reviews},
	"ratings":           {"9080", ratings},
	"service-go":        {"80", lab("go")},
	"service-lua":       {"80", lab("lua")},
	"service-node":      {"80", lab("node")},
	"service-python":    {"80", lab("python")},
	"deploy-and-run.sh": {"8080", tomcat},
	"tomcat-app":        {"8080", tomcat},
	"gitea":             {"10000", gitea},
	"drone-server":      {"80", droneServer},
	"drone-runner":      {"3000", droneRunner},
	"mariadb":           {"3306", nil},
}

func main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if _, known := roles[name]; !known && len(args) > 0 {
		name, args = args[0], args[1:]
	}
	chosen, known := roles[name]
	if !known {
		fmt.Fprintf(os.Stderr, "say which application to play: %s\n", strings.Join(names(), ", "))
		os.Exit(2)
	}
	if len(args) > 0 && (args[0] == "-v" || args[0] == "--version") {
		fmt.Printf("%s (stand-in of mesh-platform)\n", name)
		return
	}
	if err := run(name, chosen, settingOf(os.Getenv)); err != nil {
		log.Fatal(err)
	}
}

func run(name string, chosen role, s setting) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	address := ":" + s.or("STAND_IN_PORT", chosen.port)
	log.Printf("%s %s, a stand-in, listens at %s", name, s.version(), address)
	if name == "mariadb" {
		return database(ctx, address, s)
	}
	server := &http.Server{Addr: address, Handler: marked(chosen.handler(s), s), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		// A pod that goes still gets requests until every proxy has heard of it.
		last, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		_ = server.Shutdown(last)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func names() []string {
	all := make([]string, 0, len(roles))
	for name := range roles {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
