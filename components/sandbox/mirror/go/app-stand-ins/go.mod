// Small programs in the place of demo applications whose images cannot be had
// from registries, on the standard library alone.
module mesh-platform/mirror/app-stand-ins

go 1.26.0
