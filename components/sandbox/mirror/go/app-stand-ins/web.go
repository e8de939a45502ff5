package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// tomcat serves a folder, and a page of its own at / while the folder has none.
func tomcat(s setting) http.Handler {
	server, folder := "Apache Tomcat", s.or("STAND_IN_FOLDER", "/opt/tomcat/webapps/ROOT")
	mux := http.NewServeMux()
	files := http.FileServer(http.Dir(folder))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", server)
		_, err := os.Stat(filepath.Join(folder, "index.html"))
		if r.URL.Path == "/" && err != nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<title>%s</title><h1>%s</h1><p>A stand-in of mesh-platform.</p>\n", server, server)
			return
		}
		files.ServeHTTP(w, r)
	})
	return mux
}
