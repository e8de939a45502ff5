package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"
)

// asks says which services one of the lab calls: python both, node one, the others none.
var asks = map[string][]string{"node": {"service-go"}, "python": {"service-lua", "service-node"}}

// lab is a service of the resilience exercises: /env answers its name and
// version, and what those that it asked have answered, with the time it took.
func lab(name string) func(setting) http.Handler {
	return func(s setting) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /status", text(http.StatusOK, "ok"))
		mux.HandleFunc("GET /env", func(w http.ResponseWriter, r *http.Request) {
			answer := map[string]any{"message": name + " " + s.version()}
			var upstream []map[string]any
			for _, service := range asks[name] {
				heard, ok := ask(r, s, name, service)
				if !ok {
					reply(w, http.StatusInternalServerError, failure{"no answer from " + service})
					return
				}
				upstream = append(upstream, heard)
			}
			if upstream != nil {
				answer["upstream"] = upstream
			}
			reply(w, http.StatusOK, answer)
		})
		return mux
	}
}

func ask(r *http.Request, s setting, name, service string) (map[string]any, bool) {
	url := "http://" + s.or("UPSTREAM_HOST", service) + ":" + s.or("UPSTREAM_PORT_"+service, "80") + "/env"
	begin := time.Now()
	status, body := call(r, url, 30*time.Second, nil)
	var heard map[string]any
	if status != http.StatusOK || json.Unmarshal(body, &heard) != nil {
		return nil, false
	}
	took := math.Round(time.Since(begin).Seconds()*100) / 100
	// The node service gives the time as text, the python one as a number.
	heard["response_time"] = any(took)
	if name == "node" {
		heard["response_time"] = fmt.Sprintf("%.2f", took)
	}
	return heard, true
}
