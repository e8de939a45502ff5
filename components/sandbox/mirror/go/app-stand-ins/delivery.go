package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The delivery stack's stand-ins do no work. They show that the parts are
// wired: who is reached by whom, which secrets arrive, what outlives a pod.

// starts counts in a file how often a program was started on its data.
func starts(folder string) int {
	file := filepath.Join(folder, "stand-in-starts")
	before, _ := os.ReadFile(file)
	number, _ := strconv.Atoi(string(before))
	if err := os.WriteFile(file, []byte(strconv.Itoa(number+1)), 0o600); err != nil {
		return 0
	}
	return number + 1
}

func reachable(address string) bool {
	connection, err := net.DialTimeout("tcp", address, 3*time.Second)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

// state answers what is there by name; a 503 while something is missing.
func state(checks map[string]func() bool, facts map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer, status := map[string]any{"status": "pass"}, http.StatusOK
		for name, value := range facts {
			answer[name] = value
		}
		for name, check := range checks {
			answer[name] = check()
			if answer[name] == false {
				answer["status"], status = "fail", http.StatusServiceUnavailable
			}
		}
		reply(w, status, answer)
	}
}

func given(s setting, names ...string) map[string]func() bool {
	checks := map[string]func() bool{}
	for _, name := range names {
		checks[name] = func() bool { return s(name) != "" }
	}
	return checks
}

func gitea(s setting) http.Handler {
	checks := given(s, "GITEA__database__PASSWD")
	checks["database"] = func() bool { return reachable(s.or("GITEA__database__HOST", "db:3306")) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/healthz", state(checks, map[string]any{"starts": starts(s.or("STAND_IN_FOLDER", "/var/lib/gitea"))}))
	mux.HandleFunc("GET /{$}", text(http.StatusOK, "Gitea (stand-in)\n"))
	return mux
}

func droneServer(s setting) http.Handler {
	checks := given(s, "DRONE_RPC_SECRET", "DRONE_GITEA_CLIENT_ID", "DRONE_GITEA_CLIENT_SECRET", "DRONE_GITEA_SERVER")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", state(checks, map[string]any{"starts": starts(s.or("STAND_IN_FOLDER", "/data"))}))
	mux.HandleFunc("GET /{$}", text(http.StatusOK, "Drone (stand-in)\n"))
	return mux
}

func droneRunner(s setting) http.Handler {
	checks := given(s, "DRONE_RPC_SECRET")
	checks["server"] = func() bool { return reachable(withPort(s("DRONE_RPC_HOST"))) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", state(checks, map[string]any{"capacity": s("DRONE_RUNNER_CAPACITY")}))
	return mux
}

func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(host, "80")
}

// database takes connections and says in one line what it is; no MariaDB client can talk to it.
func database(ctx context.Context, address string, s setting) error {
	for name, there := range given(s, "MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD", "MYSQL_USER", "MYSQL_DATABASE") {
		if !there() {
			return fmt.Errorf("the variable %s is missing", name)
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	number := starts(s.or("STAND_IN_FOLDER", "/var/lib/mysql"))
	go func() {
		<-ctx.Done()
		_ = listener.Close()
	}()
	for {
		connection, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(connection, "MariaDB (stand-in), start %d\n", number)
		_ = connection.Close()
	}
}
