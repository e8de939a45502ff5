module mesh-platform/mirror/pause

go 1.26.0
