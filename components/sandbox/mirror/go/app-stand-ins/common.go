package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// setting reads what the environment says, as a function so that tests need none.
type setting func(string) string

func settingOf(get func(string) string) setting { return get }

func (s setting) or(name, otherwise string) string {
	if value := s(name); value != "" {
		return value
	}
	return otherwise
}

func (s setting) version() string { return s.or("SERVICE_VERSION", "v1") }

// marked says in every answer which version gave it, and that it is a stand-in.
func marked(next http.Handler, s setting) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Stand-In", "mesh-platform")
		w.Header().Set("X-Version", s.version())
		next.ServeHTTP(w, r)
	})
}

// handedOn are the headers that an application copies from a request to those
// that it makes itself. Without them a trace falls apart, and a route by
// end-user or by a header does not reach beyond the first service.
var handedOn = []string{
	"x-request-id", "x-ot-span-context",
	"x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority",
	"traceparent", "tracestate", "x-cloud-trace-context", "grpc-trace-bin",
	"x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "b3",
	"sw8", "end-user", "user-agent", "cookie", "authorization", "jwt",
}

// A connection for each call, so that a test sees how calls are spread.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// call asks another service with the headers of the request that caused it.
// The status is 0 where no answer came.
func call(r *http.Request, url string, limit time.Duration, header map[string]string) (int, []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil
	}
	for _, name := range handedOn {
		if value := r.Header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, body
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// failure is how all services say what is wrong.
type failure struct {
	Error string `json:"error"`
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
