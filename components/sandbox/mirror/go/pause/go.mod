// The pause program of every pod, on the standard library alone.
module mesh-platform/mirror/pause

go 1.26.0
