package main

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"stars": func(number int) string {
		return strings.Repeat("★", number) + strings.Repeat("☆", max(0, 5-number))
	},
}).Parse(pageText))

type product struct {
	ID          int    `json:"id"`
	Title       string `json:"title"`
	Description string `json:"descriptionHtml"`
}

var products = []product{{0, "The Comedy of Errors", "An early play by <b>William Shakespeare</b>: twins, mistaken for each other."}}

// shown is all that the page is made of.
type shown struct {
	Product       product
	User, Version string
	DetailsStatus int
	Details       map[string]any
	ReviewsStatus int
	Reviews       reviewList
	Error         string
}

// peer is the address of another service; its name and port can be changed by
// the same variables as in the original.
func (s setting) peer(name string) string {
	upper, domain := strings.ToUpper(name), s("SERVICES_DOMAIN")
	if domain != "" {
		domain = "." + domain
	}
	return fmt.Sprintf("http://%s%s:%s", s.or(upper+"_HOSTNAME", name), domain, s.or(upper+"_SERVICE_PORT", "9080"))
}

// backend asks a service about a product, a few times over where it fails, and
// has a sentence for readers when it gave no good answer.
func backend(r *http.Request, s setting, name, id string, tries int) (int, []byte) {
	header := map[string]string{}
	if user := userOf(r); user != "" {
		header["end-user"] = user
	}
	status, body := 0, []byte(nil)
	for range tries {
		status, body = call(r, s.peer(name)+"/"+name+"/"+id, 3*time.Second, header)
		counted(name, status)
		if status == http.StatusOK && json.Valid(body) {
			return status, body
		}
	}
	if status == 0 || status == http.StatusOK {
		status = http.StatusInternalServerError
	}
	what := map[string]string{"details": "product details", "reviews": "product reviews", "ratings": "product ratings"}[name]
	body, _ = json.Marshal(failure{"Sorry, " + what + " are currently unavailable for this book."})
	return status, body
}

// The page asks twice for reviews: the exercise on delays counts on it.
var tries = map[string]int{"details": 1, "reviews": 2, "ratings": 1}

func productpage(s setting) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", text(http.StatusOK, "Product page is healthy"))
	mux.HandleFunc("GET /metrics", metrics)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintln(w, `<title>Simple Bookstore App</title><a href="/productpage">The product page</a>`)
	})
	mux.HandleFunc("POST /login", login)
	mux.HandleFunc("GET /logout", logout)
	mux.HandleFunc("GET /static/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		fmt.Fprintln(w, "body{font-family:sans-serif}.text-red-500{color:#d00}.text-black-500{color:#000}")
	})
	mux.HandleFunc("GET /productpage", front(s))
	mux.HandleFunc("GET /api/v1/products", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, products)
	})
	for path, name := range map[string]string{"": "details", "/reviews": "reviews", "/ratings": "ratings"} {
		mux.HandleFunc("GET /api/v1/products/{id}"+path, func(w http.ResponseWriter, r *http.Request) {
			status, body := backend(r, s, name, r.PathValue("id"), tries[name])
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write(body)
		})
	}
	return mux
}

func front(s setting) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := strconv.Itoa(products[0].ID)
		seen := shown{Product: products[0], User: userOf(r), Version: s.version()}
		var body []byte
		seen.DetailsStatus, body = backend(r, s, "details", id, tries["details"])
		_ = json.Unmarshal(body, &seen.Details)
		seen.ReviewsStatus, body = backend(r, s, "reviews", id, tries["reviews"])
		if seen.ReviewsStatus == http.StatusOK {
			_ = json.Unmarshal(body, &seen.Reviews)
		} else {
			var why failure
			_ = json.Unmarshal(body, &why)
			seen.Error = why.Error
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, seen)
	}
}

// The session is a name in a cookie; there is nothing behind it to protect.
func userOf(r *http.Request) string {
	cookie, err := r.Cookie("session")
	if err != nil {
		return ""
	}
	name, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	return string(name)
}

func login(w http.ResponseWriter, r *http.Request) {
	name := base64.RawURLEncoding.EncodeToString([]byte(r.FormValue("username")))
	http.SetCookie(w, &http.Cookie{Name: "session", Value: name, Path: "/", HttpOnly: true})
	back(w, r)
}

func logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "session", Path: "/", MaxAge: -1, HttpOnly: true})
	back(w, r)
}

func back(w http.ResponseWriter, r *http.Request) {
	target := r.Referer()
	if target == "" {
		target = "/productpage"
	}
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
}

var (
	countLock sync.Mutex
	counts    = map[string]int{}
)

func counted(service string, status int) {
	if status == 0 {
		status = http.StatusInternalServerError
	}
	countLock.Lock()
	defer countLock.Unlock()
	counts[fmt.Sprintf(`request_result_total{destination_app=%q,response_code="%d"}`, service, status)]++
}

func metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	fmt.Fprintln(w, "# HELP request_result_total Results of requests\n# TYPE request_result_total counter")
	countLock.Lock()
	defer countLock.Unlock()
	for series, number := range counts {
		fmt.Fprintf(w, "%s %d\n", series, number)
	}
}
