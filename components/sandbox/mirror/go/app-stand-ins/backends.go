package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// book is what details knows of the one product there is.
type book struct {
	ID        int    `json:"id"`
	Author    string `json:"author"`
	Year      int    `json:"year"`
	Type      string `json:"type"`
	Pages     int    `json:"pages"`
	Publisher string `json:"publisher"`
	Language  string `json:"language"`
	ISBN10    string `json:"ISBN-10"`
	ISBN13    string `json:"ISBN-13"`
	Version   string `json:"version"`
}

func details(s setting) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health("Details"))
	mux.HandleFunc("GET /details/{id}", numbered("please provide numeric product id", func(w http.ResponseWriter, r *http.Request, id int) {
		reply(w, http.StatusOK, book{
			ID: id, Author: "William Shakespeare", Year: 1595, Type: "paperback", Pages: 200,
			Publisher: "PublisherA", Language: "English", ISBN10: "1234567890", ISBN13: "123-1234567890",
			Version: s.version(),
		})
	}))
	return mux
}

// rated is what ratings answers, by reviewer.
type rated struct {
	ID      int            `json:"id"`
	Ratings map[string]int `json:"ratings"`
	Version string         `json:"version"`
}

func ratings(s setting) http.Handler {
	var lock sync.Mutex
	given := map[int]map[string]int{}
	const badID = "please provide numeric product ID"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health("Ratings"))
	mux.HandleFunc("GET /ratings/{id}", numbered(badID, func(w http.ResponseWriter, r *http.Request, id int) {
		lock.Lock()
		defer lock.Unlock()
		stars, known := given[id]
		if !known {
			stars = map[string]int{"Reviewer1": 5, "Reviewer2": 4}
		}
		reply(w, http.StatusOK, rated{id, stars, s.version()})
	}))
	mux.HandleFunc("POST /ratings/{id}", numbered(badID, func(w http.ResponseWriter, r *http.Request, id int) {
		var stars map[string]int
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&stars); err != nil {
			reply(w, http.StatusBadRequest, failure{"please provide valid ratings JSON"})
			return
		}
		lock.Lock()
		defer lock.Unlock()
		given[id] = stars
		reply(w, http.StatusOK, rated{id, stars, s.version()})
	}))
	return mux
}

// rating is stars in a colour, or why there are none.
type rating struct {
	Stars int    `json:"stars,omitempty"`
	Color string `json:"color,omitempty"`
	Error string `json:"error,omitempty"`
}

type review struct {
	Reviewer string  `json:"reviewer"`
	Text     string  `json:"text"`
	Rating   *rating `json:"rating,omitempty"`
}

type reviewList struct {
	ID      string   `json:"id"`
	Pod     string   `json:"podname"`
	Cluster string   `json:"clustername"`
	Version string   `json:"version"`
	Reviews []review `json:"reviews"`
}

// reviews v1 asks nobody; v2 shows the ratings in black, v3 in red.
func reviews(s setting) http.Handler {
	color := s.or("STAR_COLOR", "black")
	// The two colours differ in patience too: the delay of the fault exercises lies between.
	limit := 10 * time.Second
	if color != "black" {
		limit = 2500 * time.Millisecond
	}
	said := []review{
		{Reviewer: "Reviewer1", Text: "Two pairs of twins, and not a dull minute between them."},
		{Reviewer: "Reviewer2", Text: "Great fun on the stage, though it goes less deep than the later plays."},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health("Reviews"))
	mux.HandleFunc("GET /reviews/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if _, err := strconv.Atoi(id); err != nil {
			http.NotFound(w, r)
			return
		}
		list := reviewList{id, s.or("HOSTNAME", "unknown"), s.or("CLUSTER_NAME", "null"), s.version(), nil}
		var stars map[string]int
		if s("ENABLE_RATINGS") == "true" {
			stars = starsOf(r, s, id, limit)
		}
		for _, one := range said {
			if s("ENABLE_RATINGS") == "true" {
				one.Rating = &rating{Error: "Ratings service is currently unavailable"}
				if number, known := stars[one.Reviewer]; known {
					one.Rating = &rating{Stars: number, Color: color}
				}
			}
			list.Reviews = append(list.Reviews, one)
		}
		reply(w, http.StatusOK, list)
	})
	return mux
}

func starsOf(r *http.Request, s setting, id string, limit time.Duration) map[string]int {
	var answer rated
	status, body := call(r, s.peer("ratings")+"/ratings/"+id, limit, nil)
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.Ratings
}

// numbered lets only whole numbers through.
func numbered(otherwise string, next func(http.ResponseWriter, *http.Request, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			reply(w, http.StatusBadRequest, failure{otherwise})
			return
		}
		next(w, r, id)
	}
}

func health(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": name + " is healthy"})
	}
}
