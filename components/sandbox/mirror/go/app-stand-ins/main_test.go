package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// env is a setting made of pairs.
func env(pairs ...string) setting {
	return func(name string) string {
		for at := 0; at < len(pairs); at += 2 {
			if pairs[at] == name {
				return pairs[at+1]
			}
		}
		return ""
	}
}

// up starts a role and gives the variables under which others find it.
func up(t *testing.T, name string, s setting) (address string, pairs []string) {
	t.Helper()
	server := httptest.NewServer(marked(roles[name].handler(s), s))
	t.Cleanup(server.Close)
	parsed, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(parsed.Host)
	if err != nil {
		t.Fatal(err)
	}
	upper := strings.ToUpper(name)
	return server.URL, []string{upper + "_HOSTNAME", host, upper + "_SERVICE_PORT", port}
}

func get(t *testing.T, url string, headers ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in %s", part, text)
		}
	}
}

func TestBookinfo(t *testing.T) {
	_, ratingsAt := up(t, "ratings", env())
	_, detailsAt := up(t, "details", env())
	cases := []struct {
		name    string
		reviews []string
		want    []string
		not     string
	}{
		{"v1 has no stars", []string{"SERVICE_VERSION", "v1"}, []string{"(v1)", "Book Reviews"}, "★"},
		{"v2 has black ones", append([]string{"SERVICE_VERSION", "v2", "ENABLE_RATINGS", "true"}, ratingsAt...), []string{"(v2)", `color="black"`, "★★★★☆"}, "red"},
		{"v3 has red ones", append([]string{"SERVICE_VERSION", "v3", "ENABLE_RATINGS", "true", "STAR_COLOR", "red"}, ratingsAt...), []string{"(v3)", `color="red"`, "★★★★★"}, "black"},
		{"stars fail on their own", []string{"SERVICE_VERSION", "v2", "ENABLE_RATINGS", "true", "RATINGS_HOSTNAME", "127.0.0.1", "RATINGS_SERVICE_PORT", "1"}, []string{"Ratings service is currently unavailable", "Book Reviews"}, "★"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, reviewsAt := up(t, "reviews", env(c.reviews...))
			page, _ := up(t, "productpage", env(append(append([]string{}, reviewsAt...), detailsAt...)...))
			status, body, header := get(t, page+"/productpage")
			if status != 200 || header.Get("X-Stand-In") != "mesh-platform" {
				t.Errorf("status %d, header %v", status, header)
			}
			wants(t, body, append(c.want, "Simple Bookstore App", "Book Details", "PublisherA")...)
			if strings.Contains(body, c.not) {
				t.Errorf("%q is in %s", c.not, body)
			}
		})
	}
}

func TestBackendsThatFail(t *testing.T) {
	nobody := []string{"DETAILS_HOSTNAME", "127.0.0.1", "DETAILS_SERVICE_PORT", "1", "REVIEWS_HOSTNAME", "127.0.0.1", "REVIEWS_SERVICE_PORT", "1"}
	page, _ := up(t, "productpage", env(nobody...))
	status, body, _ := get(t, page+"/productpage")
	if status != 200 {
		t.Errorf("status %d", status)
	}
	wants(t, body, "Error fetching product details", "Sorry, product details are currently unavailable for this book.",
		"Error fetching product reviews", "Sorry, product reviews are currently unavailable for this book.")
	status, body, _ = get(t, page+"/api/v1/products/0/reviews")
	if status != 500 || body != `{"error":"Sorry, product reviews are currently unavailable for this book."}` {
		t.Errorf("%d %s", status, body)
	}
	wants(t, func() string { _, text, _ := get(t, page+"/metrics"); return text }(), `destination_app="reviews",response_code="500"} 4`)
}

// TestHandedOn follows headers, the session's user and a status through two services.
func TestHandedOn(t *testing.T) {
	var heard http.Header
	asked := 0
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = r.Header
		asked++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer far.Close()
	host, port, _ := net.SplitHostPort(strings.TrimPrefix(far.URL, "http://"))
	_, reviewsAt := up(t, "reviews", env("ENABLE_RATINGS", "true", "RATINGS_HOSTNAME", host, "RATINGS_SERVICE_PORT", port))
	page, _ := up(t, "productpage", env(append(reviewsAt, "RATINGS_HOSTNAME", host, "RATINGS_SERVICE_PORT", port)...))

	form := strings.NewReader("username=jason&passwd=x")
	request, _ := http.NewRequest(http.MethodPost, page+"/login", form)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || answer.StatusCode != http.StatusFound || answer.Header.Get("Location") != "/productpage" {
		t.Fatalf("%v %+v", err, answer)
	}
	cookie := answer.Cookies()[0]

	get(t, page+"/api/v1/products/0/reviews", "Cookie", cookie.String(), "x-request-id", "r1", "x-b3-traceid", "b1", "traceparent", "t1", "x-unknown", "u1")
	for name, want := range map[string]string{"x-request-id": "r1", "x-b3-traceid": "b1", "traceparent": "t1", "end-user": "jason", "x-unknown": ""} {
		if got := heard.Get(name); got != want {
			t.Errorf("%s arrived as %q, not %q", name, got, want)
		}
	}
	if asked != 1 {
		t.Errorf("ratings was asked %d times, not once: reviews answers without it", asked)
	}
	status, body, _ := get(t, page+"/api/v1/products/0/ratings")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "product ratings are currently") {
		t.Errorf("%d %s", status, body)
	}
}

func TestRatings(t *testing.T) {
	at, _ := up(t, "ratings", env())
	_, body, _ := get(t, at+"/ratings/0")
	wants(t, body, `{"id":0,"ratings":{"Reviewer1":5,"Reviewer2":4},"version":"v1"}`)
	answer, err := http.Post(at+"/ratings/0", "application/json", strings.NewReader(`{"Reviewer1":1}`))
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(err, answer)
	}
	_, body, _ = get(t, at+"/ratings/0")
	wants(t, body, `"ratings":{"Reviewer1":1}`)
	status, body, _ := get(t, at+"/ratings/x")
	if status != 400 || !strings.Contains(body, "please provide numeric product ID") {
		t.Errorf("%d %s", status, body)
	}
}

func TestLab(t *testing.T) {
	goAt, _ := up(t, "service-go", env("SERVICE_VERSION", "v2"))
	_, body, _ := get(t, goAt+"/env")
	if body != "{\"message\":\"go v2\"}\n" {
		t.Errorf("go says %s", body)
	}
	port := func(at string) string { return at[strings.LastIndex(at, ":")+1:] }
	nodeAt, _ := up(t, "service-node", env("UPSTREAM_HOST", "127.0.0.1", "UPSTREAM_PORT_service-go", port(goAt)))
	_, body, _ = get(t, nodeAt+"/env")
	wants(t, body, `{"message":"node v1","upstream":[{"message":"go v2","response_time":"0.0`)
	luaAt, _ := up(t, "service-lua", env())
	pythonAt, _ := up(t, "service-python", env("SERVICE_VERSION", "v2", "UPSTREAM_HOST", "127.0.0.1",
		"UPSTREAM_PORT_service-lua", port(luaAt), "UPSTREAM_PORT_service-node", port(nodeAt)))
	_, body, _ = get(t, pythonAt+"/env")
	wants(t, body, `{"message":"python v2","upstream":[{"message":"lua v1","response_time":0`, `{"message":"node v1","response_time":0`)
	if status, body, _ := get(t, luaAt+"/status"); status != 200 || body != "ok" {
		t.Errorf("%d %s", status, body)
	}
}

func TestTomcat(t *testing.T) {
	folder := t.TempDir()
	at, _ := up(t, "tomcat-app", env("STAND_IN_FOLDER", folder))
	_, body, _ := get(t, at+"/")
	wants(t, body, "<h1>Apache Tomcat</h1>")
	if status, _, _ := get(t, at+"/nothing"); status != 404 {
		t.Errorf("status %d for a page that is not there", status)
	}
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("hello tomcat version2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, body, header := get(t, at+"/")
	if body != "hello tomcat version2\n" || header.Get("Server") != "Apache Tomcat" {
		t.Errorf("%s %v", body, header)
	}
}

func TestDelivery(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	folder := t.TempDir()
	for want := range 2 {
		at, _ := up(t, "gitea", env("STAND_IN_FOLDER", folder, "GITEA__database__PASSWD", "x", "GITEA__database__HOST", listener.Addr().String()))
		status, body, _ := get(t, at+"/api/healthz")
		if status != 200 || !strings.Contains(body, `"starts":`+string(rune('1'+want))) {
			t.Errorf("%d %s", status, body)
		}
	}
	at, _ := up(t, "drone-server", env("STAND_IN_FOLDER", folder))
	if status, body, _ := get(t, at+"/healthz"); status != 503 || !strings.Contains(body, `"DRONE_RPC_SECRET":false`) {
		t.Errorf("%d %s", status, body)
	}
}
